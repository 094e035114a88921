// New users of a neural model.
#pragma once

#include <vector>

#include <tusk/model.hpp>

#include "models/neural/neural_state.hpp"
#include "models/rated_items.hpp"

namespace tusk {

// The embedding x (and bias) of a user, with all else as it is, at which
//   sum over ratings of (rating - predicted(x))^2 / noise + (x - m)' C^-1 (x - m)
// is smallest, with m and C the mean and the covariance of the trained users' (for a network that
// were linear in x, the posterior mean). By Gauss and Newton's method from m, whose steps are
// halved until they lower the sum.
class NeuralFoldIn {
 public:
  // Model and state are borrowed.
  NeuralFoldIn(const Model& model, const NeuralState& state, const NetworkKernels& kernels);

  // Factors and, with biases, the bias.
  std::vector<float> fold(const RatedItems& rated) const;

 private:
  const Model& model_;
  const NeuralState& state_;
  const NetworkKernels& kernels_;
  NetworkWeights weights_;
  std::vector<float> padded_;  // the weights, as NetworkKernels read them
  std::vector<double> mean_;
  std::vector<double> precision_;  // C^-1
};

}  // namespace tusk
