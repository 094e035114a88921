// Training of a neural network over embeddings of users and items, which is
// Backend::open_neural().
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <tusk/types.hpp>

#include "algebra/network.hpp"
#include "backend/backend.hpp"
#include "model/neural_output.hpp"

namespace tusk {

// Hyper-parameters. A rating is predicted as
//   y = squash(mean' + z + user_bias + item_bias)
// with z the output of the network (src/algebra/network.hpp), the biases where there are such, and
// squash either the identity with mean' = mean, or low + (high - low) / (1 + exp(-x)) with the
// mean' at which that is the mean. An item's numbers are its embedding plus, where items have
// features, the sum of feature times the feature's embedding.
//
// Training minimizes the mean of the squared errors of mini-batches by Adam or AdamW. Of embeddings
// only the rows that a batch touches take a step, with the number of the batch for its step, as
// PyTorch's SparseAdam does; weight decay reaches them with these steps.
struct NeuralParams {
  int factors = 0;  // numbers of an embedding
  std::vector<int> hidden;
  bool biased = true;
  bool products = false;
  bool squashed = false;
  // The output stays the dot product of the embeddings, and rows without training ratings are 0;
  // with products and no hidden layers.
  bool factorization = false;
  float dropout = 0;
  float hidden_dropout = 0;
  float learning_rate = 0;
  float weight_decay = 0;
  bool decoupled = true;  // AdamW
  int batch_size = 0;
  float init_std = 0;  // of embeddings; layers start as He et al. (2015) do, biases at 0
  std::uint64_t seed = 0;

  NetworkShape shape() const { return {factors, hidden, products}; }
};

// The trained weights. Rows of users and items without training ratings are the means of the
// others', of items before features are added (but see NeuralParams::factorization).
struct NeuralWeights {
  std::vector<float> user;  // [users, factors]
  std::vector<float> item;  // [items, factors], features included
  std::vector<float> user_bias;
  std::vector<float> item_bias;
  std::vector<float> network;  // as the shape says
};

struct NeuralFit {
  NeuralParams params;
  LabelSet train;
  LabelSet validate;
  float mean = 0;         // of the training ratings
  CsrView features = {};  // items x columns with values; without rows if there are none. Borrowed.
};

struct NeuralProblem {
  CsrView ratings;
  std::span<const Label> label;
  RatingScale scale;
  std::vector<NeuralFit> fits;
};

class NeuralSession : public EpochSession {
 public:
  // The model at its last checkpoint, or as it is now if it has none.
  virtual NeuralWeights state(std::size_t model) const = 0;
};

}  // namespace tusk
