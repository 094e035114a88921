// One neural network in training on the CPU.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "algebra/network.hpp"
#include "backend/neural_parts.hpp"
#include "cpu/embedding_rows.hpp"
#include "cpu/neural_batch.hpp"
#include "model/transposed.hpp"

namespace tusk {

// Calls task(i) for i = 0 .. count - 1, in any order or side by side.
using ForEach =
    std::function<void(std::int64_t count, const std::function<void(std::int64_t)>& task)>;

// The ratings of a fit's largest batch, of so many ratings to train on, and in how many pieces it
// is computed.
std::int64_t largest_batch(const NeuralParams& params, std::int64_t ratings);
std::int64_t most_pieces(std::int64_t batch);

// Every batch is divided into pieces of a size that does not depend on the threads. What pieces
// compute is added in their order, and what a batch says of a row in the order of its ratings, so
// that the bits do not depend on the threads either.
class NeuralModel {
 public:
  // The part and the features, by item and by column, are borrowed.
  NeuralModel(const NeuralFit& fit, RatingScale scale, const NeuralPart& part,
              const Transposed* columns, const NetworkKernels& kernels);

  // An epoch; `epoch` numbers them.
  SquaredError train(float rate, std::uint64_t epoch, const ForEach& for_each);
  ErrorSums validate(const ForEach& for_each);
  NeuralWeights weights() const;

 private:
  // Lends blocks to tasks.
  class Blocks {
   public:
    Blocks(const NetworkShape& shape, int pairs, const NetworkKernels& kernels)
        : shape_(shape), pairs_(pairs), kernels_(kernels) {}
    std::unique_ptr<NetworkBlock> take();
    void give_back(std::unique_ptr<NetworkBlock> block);

   private:
    const NetworkShape& shape_;
    int pairs_;
    const NetworkKernels& kernels_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<NetworkBlock>> free_;
  };

  int width() const { return shape_.factors() + (fit_.params.biased ? 1 : 0); }
  bool has_features() const { return columns_ != nullptr; }
  // Row `place` of an array of rows.
  float* place_of(std::vector<float>& rows, std::int64_t place) const {
    return rows.data() + place * width();
  }
  // What stands for the rows without training ratings.
  std::vector<float> untrained_row(const EmbeddingRows& rows,
                                   const std::vector<bool>& trained) const;
  // The item's row, to which its features are added.
  void add_features(Index item, float* row) const;
  // Of the items that the batch touches, where items have features.
  void gather_items(const NeuralBatch& batch, const ForEach& for_each);
  void train_piece(const NeuralBatch& batch, std::int64_t piece, std::uint64_t first_place,
                   std::uint64_t epoch);
  // Ratings first, ..., first + count - 1 of the batch, which begins at `first_place` of the epoch.
  // Returns the sum of their squared errors.
  double train_block(const NeuralBatch& batch, std::int64_t first, std::int64_t count,
                     std::uint64_t first_place, std::uint64_t epoch, NetworkBlock& block,
                     float* gradient);
  void update_rows(const AdamStep& step, const TouchedRows& touched,
                   const std::vector<float>& gradients, std::int64_t chunk, EmbeddingRows& rows,
                   std::vector<float>* sums);
  void update_network(const AdamStep& step, std::int64_t pieces, std::int64_t chunk);
  void update_features(const AdamStep& step, const NeuralBatch& batch, Index column);
  ErrorSums measure(std::span<const NeuralRating> ratings, const float* other_user,
                    const float* other_item);

  NeuralFit fit_;
  RatingScale scale_;
  const NeuralPart& part_;
  const Transposed* columns_;  // null: items have no features
  NetworkShape shape_;
  NeuralOutput output_;
  std::int64_t batch_;  // ratings of the largest
  int piece_;           // of these that a task takes
  std::int64_t step_ = 0;
  EmbeddingRows users_;
  EmbeddingRows items_;
  EmbeddingRows features_;
  std::vector<float> network_;  // [3, shape]: values, and the means of gradients and their squares
  NetworkWeights weights_;      // these values
  Blocks blocks_;

  // Of a batch.
  std::vector<float> user_gradients_;     // [batch, width]
  std::vector<float> item_gradients_;     // [batch, width]
  std::vector<float> network_gradients_;  // [pieces, shape]
  std::vector<double> squared_errors_;    // [pieces]
  std::vector<float> item_values_;        // of touched items with their features
  std::vector<float> item_sums_;          // gradients of these
};

}  // namespace tusk
