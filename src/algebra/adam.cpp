#include "algebra/adam.hpp"

#include <cmath>

namespace tusk {
namespace {

double bias_correction(double beta, std::int64_t step) {
  return 1 - std::pow(beta, static_cast<double>(step));
}

}  // namespace

AdamStep::AdamStep(float learning_rate, float weight_decay, bool decoupled, std::int64_t step)
    : keep_(decoupled ? 1 - learning_rate * weight_decay : 1),
      decay_(decoupled ? 0 : weight_decay),
      rate_(static_cast<float>(static_cast<double>(learning_rate) / bias_correction(kMean, step))),
      root_(static_cast<float>(1 / std::sqrt(bias_correction(kSquare, step)))) {}

void AdamStep::apply(std::size_t count, const float* __restrict gradient, float* __restrict value,
                     float* __restrict mean, float* __restrict square) const {
  for (std::size_t k = 0; k < count; ++k) apply(gradient[k], value[k], mean[k], square[k]);
}

}  // namespace tusk
