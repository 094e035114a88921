// A feed-forward network over pairs of embeddings, by blocks of pairs.
//
// With u and v the embeddings of a user and an item, d numbers each, its output is
//   z = <w, [h_n, u * v]> + b,  h_k = dropout(relu(W_k h_(k-1) + b_k)),  h_0 = dropout([u, v]),
// where [,] puts vectors one behind the other and u * v, the products of their numbers, is there
// where the shape has it: without hidden layers this is generalized matrix factorization, with them
// its sum with a perceptron (He et al.: "Neural Collaborative Filtering", 2017), here of the same
// embeddings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "algebra/network_kernels.hpp"

namespace tusk {

// What the network is made of, and where its weights are in one array.
class NetworkShape {
 public:
  struct Layer {
    int inputs = 0;
    int outputs = 0;
    std::size_t weight = 0;  // [outputs, inputs]
    std::size_t bias = 0;    // [outputs]
  };

  NetworkShape() = default;
  // `hidden`: the outputs of each hidden layer. One of `hidden` and `products` must be there.
  NetworkShape(int factors, std::vector<int> hidden, bool products);

  int factors() const { return factors_; }
  bool products() const { return products_; }
  std::span<const Layer> hidden() const { return hidden_; }
  // The last layer, of one output.
  const Layer& output() const { return output_; }
  // How many of its inputs are outputs of a hidden layer; the others are products.
  int last_hidden() const { return hidden_.empty() ? 0 : hidden_.back().outputs; }
  std::size_t size() const { return output_.bias + 1; }

 private:
  int factors_ = 0;
  bool products_ = false;
  std::vector<Layer> hidden_;
  Layer output_;
};

// The weights of a network in use: as they are, and of each hidden layer transposed, too.
class NetworkWeights {
 public:
  // Borrows `weights` [shape.size()] and what is kDenseMargin behind it.
  void set(const NetworkShape& shape, const float* weights);

  const float* values() const { return values_; }
  const float* transposed(const NetworkShape::Layer& layer) const {
    return transposed_.data() + layer.weight;
  }

 private:
  const float* values_ = nullptr;
  std::vector<float> transposed_;  // each layer, [inputs, outputs], where its weights are
};

// Which numbers are left out in training. Those that are kept are divided by the share that is.
struct Dropout {
  float inputs = 0;  // share of the numbers of u and v
  float hidden = 0;  // of the outputs of hidden layers
  std::uint64_t seed = 0;
  std::uint64_t epoch = 0;
};

// Pairs that are worked on together, and the memory that this takes. The rows of a block are
// computed alike wherever they are in it.
class NetworkBlock {
 public:
  NetworkBlock(const NetworkShape& shape, int most_pairs, const NetworkKernels& kernels);

  // The numbers of a pair's user and item, [factors] each, to be filled before forward().
  float* user(int pair) { return input(pair); }
  float* item(int pair) { return input(pair) + shape_.factors(); }

  // The outputs of the first `pairs` pairs.
  std::span<const float> forward(const NetworkWeights& weights, int pairs);
  // The same with dropout, of pairs whose places in the epoch are first_place, first_place + 1, ...
  std::span<const float> forward(const NetworkWeights& weights, int pairs, const Dropout& dropout,
                                 std::uint64_t first_place);

  // After forward() with these weights: adds to `gradient` [shape.size()] that of the sum of
  // slope[k] times output k, and keeps that in the numbers of users and items.
  void backward(const NetworkWeights& weights, std::span<const float> slope, float* gradient);
  const float* user_gradient(int pair) const { return input_gradient(pair); }
  const float* item_gradient(int pair) const { return input_gradient(pair) + shape_.factors(); }

 private:
  float* input(int pair) { return input_.data() + offset(pair); }
  const float* input_gradient(int pair) const { return input_gradient_.data() + offset(pair); }
  std::size_t offset(int pair) const {
    return static_cast<std::size_t>(pair) * 2 * static_cast<std::size_t>(shape_.factors());
  }
  std::span<const float> run(const NetworkWeights& weights, int pairs, const Dropout& dropout,
                             std::uint64_t first_place);

  const NetworkShape& shape_;
  const NetworkKernels& kernels_;
  bool dropped_ = false;       // whether forward() left out inputs
  float kept_ = 1;             // over the share of hidden outputs that are kept
  std::vector<float> input_;   // [pairs, 2 factors]
  std::vector<float> masked_;  // the same, with dropout
  std::vector<float> mask_;
  std::vector<float> product_;              // [pairs, factors]
  std::vector<std::vector<float>> hidden_;  // of each layer, [pairs, outputs]
  std::vector<float> output_;               // [pairs]
  std::vector<float> input_gradient_;
  std::vector<std::vector<float>> hidden_gradient_;
};

}  // namespace tusk
