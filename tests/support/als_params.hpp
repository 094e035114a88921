// Hyper-parameters that tests of iALS share.
#pragma once

#include "backend/als_session.hpp"

namespace tusk::test {

inline AlsParams als_params(int factors, AlsMethod method) {
  AlsParams params;
  params.factors = factors;
  params.unobserved_weight = 0.3f;
  params.regularization = 0.02f;
  params.frequency_exponent = 0.7f;
  params.init_std = 0.1f;
  params.method = method;
  params.cg_steps = 3;
  params.seed = 1;
  return params;
}

}  // namespace tusk::test
