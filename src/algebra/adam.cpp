#include "algebra/adam.hpp"

#include <cmath>

namespace tusk {
namespace {

constexpr double kMean = 0.9;
constexpr double kSquare = 0.999;
constexpr float kEpsilon = 1e-8f;

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
  constexpr auto kOldMean = static_cast<float>(kMean);
  constexpr auto kNewMean = static_cast<float>(1 - kMean);
  constexpr auto kOldSquare = static_cast<float>(kSquare);
  constexpr auto kNewSquare = static_cast<float>(1 - kSquare);
  for (std::size_t k = 0; k < count; ++k) {
    const float g = gradient[k] + decay_ * value[k];
    mean[k] = kOldMean * mean[k] + kNewMean * g;
    square[k] = kOldSquare * square[k] + kNewSquare * g * g;
    value[k] = keep_ * value[k] - rate_ * mean[k] / (root_ * std::sqrt(square[k]) + kEpsilon);
  }
}

}  // namespace tusk
