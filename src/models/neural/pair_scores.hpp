// The outputs of a trained network for pairs of users and items.
#pragma once

#include <mutex>
#include <span>
#include <vector>

#include <tusk/model.hpp>

#include "backend/neural_session.hpp"
#include "models/neural/neural_state.hpp"

namespace tusk {

// Somebody's embedding and bias, and the items asked about: indices, or kNone for the mean item.
struct UserItems {
  const float* user = nullptr;
  float bias = 0;
  std::span<const Index> items;
};

// Of the first hidden layer, what items add is computed once for all users, so that a pair costs
// the layers above it alone. An output does not depend on the pairs beside it.
class PairScores {
 public:
  static constexpr std::size_t kMostPairs = 512;

  // All is borrowed.
  PairScores(Backend& backend, const Model& model, const NeuralState& state);

  // Before score(), and not from a task of the backend's.
  void prepare() const;

  // The ratings of at most kMostPairs pairs in all, before clipping, one user after another.
  std::vector<float> score(std::span<const UserItems> users) const;

  std::span<const float> mean_user() const { return mean_user_; }
  float mean_user_bias() const { return mean_user_bias_; }

 private:
  const float* item(Index item) const;
  float item_bias(Index item) const;
  void fill_table() const;

  Backend& backend_;
  const NeuralState& state_;
  NeuralOutput output_;
  std::vector<float> padded_;  // the weights, as NetworkKernels read them
  NetworkWeights weights_;
  std::vector<float> mean_user_;
  std::vector<float> mean_item_;
  float mean_user_bias_ = 0;
  float mean_item_bias_ = 0;
  mutable std::once_flag once_;
  // What items add to the first layer, [items + 1, outputs]; the last row is the mean item's.
  mutable std::vector<float> table_;
};

}  // namespace tusk
