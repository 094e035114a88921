#include "algebra/tridiagonal.hpp"

#include <cstddef>

namespace tusk {

TridiagonalFactor factor_tridiagonal(const Tridiagonal& matrix, double b) {
  const std::size_t size = matrix.diagonal.size();
  TridiagonalFactor factor{std::vector<double>(size), std::vector<double>(size)};
  for (std::size_t k = 0; k < size; ++k) {
    double pivot = matrix.diagonal[k] + b;
    if (k > 0) {
      factor.below[k] = matrix.beside[k - 1] * factor.inverse[k - 1];
      pivot -= factor.below[k] * matrix.beside[k - 1];
    }
    factor.inverse[k] = 1 / pivot;
  }
  return factor;
}

}  // namespace tusk
