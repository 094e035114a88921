// Symmetric tridiagonal matrices.
#pragma once

#include <span>
#include <vector>

namespace tusk {

// Its diagonal, and what is beside it.
struct Tridiagonal {
  std::span<const double> diagonal;
  std::span<const double> beside;
};

// T + b I = L D L' with L of ones and `below` beside them.
struct TridiagonalFactor {
  std::vector<double> inverse;  // of D
  std::vector<double> below;    // by row
};

TridiagonalFactor factor_tridiagonal(const Tridiagonal& matrix, double b);

}  // namespace tusk
