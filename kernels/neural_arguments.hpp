// What kernels of neural networks are called with. Pointers are to the GPU's memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <tusk/types.hpp>

#include "algebra/adam.hpp"
#include "algebra/dropout.hpp"
#include "backend/neural_parts.hpp"
#include "device_rows.hpp"
#include "model/neural_output.hpp"
#include "support/random_order.hpp"

namespace tusk {

// Where training is in an epoch.
struct NeuralCursor {
  std::uint64_t epoch = 0;
  std::int64_t place = 0;  // of the batch's first rating
  double squared = 0;      // sum of the squared errors up to there
};

// The ratings of a span by rows of one side: `key`, which is batch * rows + row, rises, and with
// equal keys `place`, the rating's place in its batch. A batch's part is where its ratings are.
struct NeuralSorted {
  const std::uint32_t* key = nullptr;
  const std::int32_t* place = nullptr;
};

// The ratings at `count` places of an epoch's order, from `first` on.
struct NeuralDraw {
  const NeuralRating* all;
  RandomOrder order;
  std::int64_t first;
  std::int64_t count;
  std::int64_t batch;
  Index user_rows;
  Index item_rows;
  // What is drawn, and what it is to be sorted by.
  NeuralRating* rating;
  std::uint32_t* user_key;
  std::uint32_t* item_key;
  std::int32_t* place;
};

// Embeddings in training: of each row its numbers, the last of which is its bias where rows are
// biased, and behind them the running means of gradients and of their squares.
struct NeuralRows {
  float* values = nullptr;                // [rows, 3, width]
  const std::uint8_t* trained = nullptr;  // by row; not of features
  Index rows = 0;
};

// What dropout multiplies a layer's numbers by: 0, or `by`.
struct NeuralDropout {
  DropoutDraws draws;
  float by = 1;  // 1: nothing is left out
};

// The output layer.
struct NeuralTop {
  float* values = nullptr;  // [pairs, stride]: outputs of the last hidden layer, products, a one
  int stride = 0;
  int hidden = 0;                    // how many the first are
  int inputs = 0;                    // how many both are
  const float* weight = nullptr;     // [inputs + 1], the bias last
  float* hidden_gradient = nullptr;  // [pairs, hidden]
  float hidden_by = 1;               // NeuralDropout::by of the last hidden layer
};

// Pairs of a user and an item that are computed together.
struct NeuralPairs {
  const NeuralRating* rating = nullptr;  // of training: of the span
  int count = 0;
  NeuralCursor* cursor = nullptr;  // null: no training, and no dropout
  std::int64_t batch = 0;          // ratings of all batches but the last
  std::int64_t span = 0;

  NeuralRows users;
  NeuralRows items;
  int factors = 0;
  int width = 0;                       // factors, and a bias where there are biases
  const float* item_values = nullptr;  // [items, width]: with features; null if there are none

  float* input = nullptr;  // [count, 2 factors]: of the first hidden layer
  float* input_gradient = nullptr;
  NeuralDropout dropout;  // of these
  NeuralTop top;

  NeuralOutput output;
  RatingScale scale;
  float* slope = nullptr;       // by pair: of the loss by the output
  double* squared = nullptr;    // by warp, of training
  ErrorSums* errors = nullptr;  // by warp, of validation, which adds to them
};

// A hidden layer's numbers, or their gradients.
struct NeuralActivation {
  float* values = nullptr;  // [pairs, stride]
  int pairs = 0;
  int outputs = 0;
  int stride = 0;
  const float* bias = nullptr;
  NeuralDropout dropout;
  const NeuralCursor* cursor = nullptr;
  // Backward: of `values` [pairs, outputs], which are as after dropout.
  float* gradient = nullptr;
};

// An optimizer's step.
struct NeuralUpdate {
  NeuralSorted by_user;
  NeuralSorted by_item;
  const AdamStep* adam = nullptr;  // by step of the epoch
  float* network = nullptr;        // [3, size], as NeuralRows
  const float* gradient = nullptr;
  std::int64_t size = 0;
  // Where items have features: what it adds to the item, and the batch's first place, plus 1.
  float* item_sums = nullptr;  // [items, width]
  std::int64_t* touched = nullptr;
  NeuralRows features;
  DeviceRows items_of;                        // by feature
  const std::int64_t* piece_begin = nullptr;  // of these, in pieces: see AlsPieces
  const std::int64_t* feature_piece = nullptr;
  std::int64_t pieces = 0;
  float* piece_sums = nullptr;            // [pieces, width]: what a piece adds to its feature
  std::uint8_t* piece_touched = nullptr;  // whether it adds anything
};

// Writes rows without the running means, with their features.
struct NeuralPacking {
  NeuralRows rows;
  int width = 0;
  DeviceRows features;  // none: no rows
  const float* feature_values = nullptr;
  float* to = nullptr;  // [rows, width]
  // Only rows that the batch touches; key null: all.
  NeuralSorted sorted;
  int count = 0;
  const NeuralCursor* cursor = nullptr;
  std::int64_t span = 0;
  const NeuralRating* rating = nullptr;  // of the span
};

// Rows without training ratings become the mean of the others.
struct NeuralMean {
  NeuralRows rows;
  int width = 0;
  std::int64_t trained = 0;  // how many
  float* mean = nullptr;     // [width]
};

// Warps that score, and whose sums of errors are added up.
inline constexpr int kScoreWarps = 4096;
constexpr int score_warps(int pairs) { return std::min(pairs, kScoreWarps); }

}  // namespace tusk
