// One neural network in training on a GPU.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "cuda/neural_plan.hpp"
#include "cuda_graph.hpp"
#include "cuda_handles.hpp"
#include "dense_algebra.hpp"
#include "device_matrix.hpp"
#include "neural_arguments.hpp"

namespace tusk {

// A NeuralPart in the GPU's memory. Uploads from it, which must stay until the stream has come to
// this.
struct DeviceNeuralPart {
  struct Rows {
    Rows(const std::vector<bool>& is_trained, cudaStream_t stream);

    std::vector<std::uint8_t> flag;
    DeviceBuffer<std::uint8_t> trained;
    std::int64_t count = 0;  // how many
  };

  DeviceNeuralPart(const NeuralPart& part, cudaStream_t stream)
      : train(part.train, stream),
        validate(part.validate, stream),
        users(part.user_trained, stream),
        items(part.item_trained, stream) {}

  DeviceBuffer<NeuralRating> train;
  DeviceBuffer<NeuralRating> validate;
  Rows users;
  Rows items;
};

// Features by item, and items by feature.
struct DeviceNeuralFeatures {
  DeviceNeuralFeatures(const CsrView& features, cudaStream_t stream);

  DeviceMatrix of_item;
  DeviceMatrix items_of;
  // The latter in pieces, see AlsPieces.
  DeviceBuffer<std::int64_t> piece_begin;
  DeviceBuffer<std::int64_t> feature_piece;
  std::int64_t pieces = 0;
};

// What models work in, one at a time; see NeuralRoom.
struct NeuralBuffers {
  NeuralBuffers(const NeuralRoom& room, cudaStream_t stream);

  // A span, as it is drawn and as it is sorted.
  DeviceBuffer<NeuralRating> rating;
  DeviceBuffer<std::uint32_t> user_key;
  DeviceBuffer<std::uint32_t> item_key;
  DeviceBuffer<std::int32_t> place;
  DeviceBuffer<std::uint32_t> sorted_user_key;
  DeviceBuffer<std::int32_t> sorted_user_place;
  DeviceBuffer<std::uint32_t> sorted_item_key;
  DeviceBuffer<std::int32_t> sorted_item_place;
  DeviceBuffer<unsigned char> sort_scratch;
  DeviceBuffer<AdamStep> adam;
  DeviceBuffer<NeuralCursor> cursor;
  // Pairs.
  DeviceBuffer<float> input;
  DeviceBuffer<float> input_gradient;
  DeviceBuffer<float> hidden;
  DeviceBuffer<float> hidden_gradient;
  DeviceBuffer<float> top;
  DeviceBuffer<float> slope;
  DeviceBuffer<float> ones;
  DeviceBuffer<float> network_gradient;
  DeviceBuffer<double> squared;
  DeviceBuffer<ErrorSums> errors;
  DeviceBuffer<ErrorSums> total;
  // Of items with features.
  DeviceBuffer<float> item_values;
  DeviceBuffer<float> item_sums;
  DeviceBuffer<std::int64_t> touched;
  DeviceBuffer<float> piece_sums;
  DeviceBuffer<std::uint8_t> piece_touched;
};

// What a step queues is always the same, so that it is captured once and then started as a whole:
// where it is in the epoch, the GPU keeps in its memory. The last batch, which may be smaller, is
// queued call by call. All sums are in one order.
class CudaNeuralModel {
 public:
  // The session's, which outlive this.
  struct Context {
    const DeviceNeuralPart& part;
    const DeviceNeuralFeatures* features;  // null: items have none
    NeuralBuffers& buffers;
    DenseAlgebra& algebra;
    cudaStream_t stream;
  };

  // Uploads from `model`, which must stay until the stream has come to this.
  CudaNeuralModel(const CudaNeuralWork& work, const CudaNeuralWork::Model& model,
                  const NeuralPortions& portions, const Context& context);

  // An epoch; `epoch` numbers them.
  SquaredError train(float rate, std::uint64_t epoch, const std::function<void()>& check_stop);
  ErrorSums validate();
  // Copies the model as it is to where packed() has it.
  void pack();
  NeuralWeights packed() const;

 private:
  int factors() const { return shape_.factors(); }
  int width() const { return factors() + (params_.biased ? 1 : 0); }
  bool has_features() const { return features_ != nullptr; }
  NeuralRows user_rows() { return {users_.data(), part_.users.trained.data(), user_count_}; }
  NeuralRows item_rows() { return {items_.data(), part_.items.trained.data(), item_count_}; }
  NeuralRows feature_rows();
  void initialise(NeuralRows rows, RandomUse use);

  struct Layer {
    float* values;
    int distance;     // from pair to pair
    float* gradient;  // [pairs, outputs]
  };
  // What goes into hidden layer `l`, and for l = hidden layers, what goes into the output layer.
  Layer layer(std::size_t l);
  NeuralActivation activation(std::size_t l, const NeuralPairs& pairs);
  NeuralPairs pairs(int count);
  NeuralPairs batch(int count);
  NeuralPacking item_packing(float* to);

  void draw(const RandomOrder& order, std::int64_t first);
  void forward(const NeuralPairs& pairs);
  void backward(const NeuralPairs& pairs);
  void queue_step(int count);
  void step(int count);
  void fill_untrained();

  NeuralParams params_;
  NetworkShape shape_;
  NeuralOutput output_;
  RatingScale scale_;
  NeuralPortions portions_;
  Index user_count_;
  Index item_count_;
  const DeviceNeuralPart& part_;
  const DeviceNeuralFeatures* features_;
  NeuralBuffers& buffers_;
  DenseAlgebra& algebra_;
  cudaStream_t stream_;

  DeviceBuffer<float> users_;  // as NeuralRows
  DeviceBuffer<float> items_;
  DeviceBuffer<float> feature_values_;
  DeviceBuffer<float> network_;  // [3, shape]
  DeviceBuffer<float> mean_;     // [width]
  DeviceBuffer<float> packed_users_;
  DeviceBuffer<float> packed_items_;
  DeviceBuffer<float> packed_network_;

  std::int64_t step_ = 0;
  std::vector<AdamStep> adam_;  // of the epoch's steps
  NeuralCursor cursor_;
  bool has_run_ = false;  // a whole batch, so that libraries have loaded what it takes
  CudaGraph graph_;
};

}  // namespace tusk
