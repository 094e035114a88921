// Products that are rounded before anything is added to them, for formulas whose bits are the same
// on every device.
#pragma once

#include "support/host_device.hpp"

namespace tusk {

// nvcc fuses a product and a sum unless the product is an intrinsic. For host code the compiler
// option -ffp-contract=off says the same.
TUSK_HD double rounded_product(double a, double b) {
#ifdef __CUDA_ARCH__
  return __dmul_rn(a, b);
#else
  return a * b;
#endif
}

}  // namespace tusk
