// One step of stochastic gradient descent on one rating (Koren, Bell, Volinsky 2009, section
// "Stochastic gradient descent"; Funk 2006). With error e = rating - prediction and learning rate
// g:
//   bias    += g (e         - regularization * bias)
//   factors += g (e * other - regularization * factors)
// It is computed as keep * (value + step * gradient of the error) with keep = 1 - g *
// regularization and step = g / keep. Where a product is added to something, `multiply_add` does
// both, so that the source and not the compiler says where a result is rounded.
#pragma once

#include <cmath>

#include "backend/backend.hpp"
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

// a * b + c, rounded once.
struct FusedMultiplyAdd {
  TUSK_HD float operator()(float a, float b, float c) const { return fmaf(a, b, c); }
};

template <class MultiplyAdd = FusedMultiplyAdd>
TUSK_HD float sgd_bias(float bias, float error, SgdRate rate, MultiplyAdd multiply_add = {}) {
  return rate.keep * multiply_add(rate.step, error, bias);
}

// Value is float or a vector of floats; scaled_error is rate.step * error.
template <class Value, class MultiplyAdd = FusedMultiplyAdd>
TUSK_HD Value sgd_factor(Value own, Value other, float keep, float scaled_error,
                         MultiplyAdd multiply_add = {}) {
  return keep * multiply_add(scaled_error, other, own);
}

}  // namespace tusk
