// One step of stochastic gradient descent on one rating (Koren, Bell, Volinsky 2009, section
// "Stochastic gradient descent"; Funk 2006). With error e = rating - prediction and learning rate
// g:
//   bias    += g (e         - regularization * bias)
//   factors += g (e * other - regularization * factors)
// It is computed as keep * (value + step * gradient of the error) with keep = 1 - g *
// regularization and step = g / keep. No sum here has two products, so there is one way only to
// fuse a multiplication with an addition, and every compiler and instruction set that fuses them
// gives the same bits.
#pragma once

#include <tusk/backend.hpp>

#include "support/host_device.hpp"

namespace tusk {

struct SgdRate {
  float keep = 1;
  float step = 0;
};

struct SgdRates {
  SgdRate user;
  SgdRate item;
  SgdRate bias;
};

inline SgdRates sgd_rates(const MfParams& params, float factor) {
  const auto rate = [&](float learning_rate, float regularization) {
    const float scaled = learning_rate * factor;
    const float keep = 1 - scaled * regularization;
    return SgdRate{keep, scaled / keep};
  };
  return {rate(params.user_learning_rate, params.user_regularization),
          rate(params.item_learning_rate, params.item_regularization),
          params.biased ? rate(params.bias_learning_rate, params.bias_regularization) : SgdRate{}};
}

TUSK_HD float sgd_bias(float bias, float error, SgdRate rate) {
  return rate.keep * (bias + rate.step * error);
}

// Value is float or a vector of floats; scaled_error is rate.step * error.
template <class Value>
TUSK_HD Value sgd_factor(Value own, Value other, float keep, float scaled_error) {
  return keep * (own + scaled_error * other);
}

}  // namespace tusk
