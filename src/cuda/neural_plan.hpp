// How a GPU trains neural networks: what the host arranges, and what its memory holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "backend/neural_parts.hpp"
#include "backend/neural_session.hpp"

namespace tusk {

// In what portions a model works.
struct NeuralPortions {
  std::int64_t batch = 0;  // ratings of a step: at most as many as there are
  std::int64_t pairs = 0;  // that the network computes at a time, in training or validation
  std::int64_t span = 0;   // ratings that are drawn and sorted at a time: whole batches
  std::int64_t steps = 0;  // of an epoch
};

// How many elements the buffers have that models share, one model at a time.
struct NeuralRoom {
  std::int64_t span = 0;
  std::int64_t steps = 0;
  std::int64_t pairs = 0;
  std::int64_t input = 0;   // floats, as are the next
  std::int64_t hidden = 0;  // outputs of hidden layers but the last
  std::int64_t hidden_gradient = 0;
  std::int64_t top = 0;      // what goes into the output layer
  std::int64_t network = 0;  // weights
  std::int64_t items = 0;    // of models whose items have features
  std::int64_t item_values = 0;
  std::int64_t pieces = 0;      // of the items that features have: see AlsPieces
  std::int64_t piece_sums = 0;  // floats

  std::uint64_t bytes() const;
};

// cuBLAS works in memory that it is given, so that it allocates none while a graph is captured.
inline constexpr std::size_t kNeuralLibraryRoom = std::size_t{32} << 20;

struct NeuralPlan {
  MfMemory memory;
  NeuralRoom room;
  std::vector<NeuralPortions> portions;      // of each model
  std::function<void()> check_stop = [] {};  // called between spans; what it throws ends the work
};

inline constexpr std::int64_t kNeuralSpan = std::int64_t{1} << 20;

// Numbers from row to row of what goes into the output layer: its inputs and a one, which is the
// input of the bias, in whole 16 bytes.
inline int neural_top_stride(const NetworkShape& shape) {
  constexpr int kFloats = 4;
  return (shape.output().inputs + 1 + kFloats - 1) / kFloats * kFloats;
}

// `free` has the bytes that are free now. Throws DeviceError, which says how many are needed, if
// they are too few. `gpu` is its name. `span`: of ratings, where batches are not longer.
NeuralPlan plan_gpu_neural(const NeuralProblem& problem, std::uint64_t free, std::string_view gpu,
                           std::int64_t span = kNeuralSpan);

// What a session trains.
struct CudaNeuralWork {
  struct Model {
    NeuralParams params;
    NetworkShape shape;
    NeuralOutput output;
    std::vector<float> network;  // as training starts
    std::size_t part = 0;
    std::optional<std::size_t> features;  // of its items, where they have any
  };

  Index users = 0;
  Index items = 0;
  RatingScale scale;
  std::vector<NeuralPart> parts;
  std::vector<CsrView> features;  // borrowed, and only when the session is opened
  std::vector<Model> models;
  NeuralPlan plan;
  Precision precision = Precision::fp32;  // of products of matrices
};

CudaNeuralWork neural_work(const NeuralProblem& problem, NeuralPlan plan, Precision precision);

}  // namespace tusk
