// Adam (Kingma, Ba: "Adam: A Method for Stochastic Optimization", 2015) and AdamW (Loshchilov,
// Hutter: "Decoupled Weight Decay Regularization", 2019), by PyTorch's formulas.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "support/host_device.hpp"

namespace tusk {

// A step, with what is the same for all values. Betas and epsilon are the usual 0.9, 0.999 and
// 1e-8.
class AdamStep {
 public:
  // `decoupled`: AdamW. `step`: its number, from 1.
  AdamStep(float learning_rate, float weight_decay, bool decoupled, std::int64_t step);

  // Changes `count` values and the running means of their gradients and of the squares of these.
  void apply(std::size_t count, const float* gradient, float* value, float* mean,
             float* square) const;

  TUSK_HD void apply(float gradient, float& value, float& mean, float& square) const {
    constexpr auto kOldMean = static_cast<float>(kMean);
    constexpr auto kNewMean = static_cast<float>(1 - kMean);
    constexpr auto kOldSquare = static_cast<float>(kSquare);
    constexpr auto kNewSquare = static_cast<float>(1 - kSquare);
    const float g = gradient + decay_ * value;
    mean = kOldMean * mean + kNewMean * g;
    square = kOldSquare * square + kNewSquare * g * g;
    value = keep_ * value - rate_ * mean / (root_ * std::sqrt(square) + kEpsilon);
  }

 private:
  static constexpr double kMean = 0.9;
  static constexpr double kSquare = 0.999;
  static constexpr float kEpsilon = 1e-8f;

  float keep_;   // by which AdamW multiplies values
  float decay_;  // times the value is added to the gradient
  float rate_;   // over the bias correction of the mean
  float root_;   // one over the root of the bias correction of the mean square
};

}  // namespace tusk
