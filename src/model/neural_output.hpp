// From the output of a neural network to a rating.
#pragma once

#include <algorithm>
#include <cmath>

#include <tusk/types.hpp>

#include "support/host_device.hpp"

namespace tusk {

// Maps the sum of all but the mean to a rating.
class NeuralOutput {
 public:
  NeuralOutput() = default;
  NeuralOutput(RatingScale scale, float mean, bool squashed)
      : squashed_(squashed), low_(scale.low), range_(scale.high - scale.low), middle_(mean) {
    if (!squashed) return;
    constexpr float kLeast = 0.01f;  // so that a mean at an end of the scale has a finite place
    const float share = range_ > 0 ? (mean - low_) / range_ : 0.5f;
    const float inside = std::clamp(share, kLeast, 1 - kLeast);
    middle_ = std::log(inside / (1 - inside));
  }

  TUSK_HD float rating(float sum) const {
    if (!squashed_) return middle_ + sum;
    return low_ + range_ / (1 + std::exp(-(middle_ + sum)));
  }
  // The derivative of the rating by the sum.
  TUSK_HD float slope(float sum) const {
    if (!squashed_) return 1;
    const float share = 1 / (1 + std::exp(-(middle_ + sum)));
    return range_ * share * (1 - share);
  }

 private:
  bool squashed_ = false;
  float low_ = 0;
  float range_ = 0;
  float middle_ = 0;
};

}  // namespace tusk
