// Vectors for the files that are compiled once for each instruction set, see isa_kernels.hpp.
#pragma once

#include <type_traits>

#include "cpu/isa_policy.hpp"
#include "support/host_device.hpp"

namespace tusk::TUSK_ISA {

using Vector = float __attribute__((vector_size(kVectorBytes)));

// What one register does not hold. (GCC 12 takes a vector type that is wider than the instruction
// set's apart float by float.)
template <int Parts>
struct Vectors {
  Vector part[Parts];

  TUSK_HD friend Vectors operator+(const Vectors& a, const Vectors& b) {
    Vectors sum;
    for (int p = 0; p < Parts; ++p) sum.part[p] = a.part[p] + b.part[p];
    return sum;
  }
  TUSK_HD friend Vectors operator*(float a, const Vectors& b) {
    Vectors product;
    for (int p = 0; p < Parts; ++p) product.part[p] = a * b.part[p];
    return product;
  }
};

// kLanes floats, whatever the instruction set, so that the order of every sum is the same.
using Lanes = std::conditional_t<kVectorFloats == kLanes, Vector, Vectors<kLanes / kVectorFloats>>;

// a * b + c, rounded once where kFused, for floats, Vector and Vectors, lane by lane; a float `a`
// stands for as many as there are lanes.
struct MultiplyAdd {
  template <class A, class B>
  TUSK_HD B operator()(const A& a, const B& b, const B& c) const {
    if constexpr (std::is_same_v<B, float>) {
      return kFused ? __builtin_fmaf(a, b, c) : a * b + c;
    } else if constexpr (!std::is_same_v<B, Vector>) {
      B sum;
#pragma GCC unroll 4
      for (int p = 0; p < kLanes / kVectorFloats; ++p) {
        if constexpr (std::is_same_v<A, float>) {
          sum.part[p] = (*this)(a, b.part[p], c.part[p]);
        } else {
          sum.part[p] = (*this)(a.part[p], b.part[p], c.part[p]);
        }
      }
      return sum;
    } else if constexpr (!kFused) {
      return a * b + c;
    } else if constexpr (std::is_same_v<A, float>) {
      return (*this)(a - Vector{}, b, c);
    } else {
      // The compilers make one instruction of it.
      Vector sum;
#pragma omp simd
      for (int l = 0; l < kVectorFloats; ++l) sum[l] = __builtin_fmaf(a[l], b[l], c[l]);
      return sum;
    }
  }
};

inline constexpr MultiplyAdd kMultiplyAdd;

// The sums of the lanes four apart, by halves: lanes 0 .. 7 and 8 .. 15 are added first.
template <class L>
TUSK_HD auto sum_to_quarter(const L& lanes) {
  using Half = float __attribute__((vector_size(32)));
  using Quarter = float __attribute__((vector_size(16)));
  if constexpr (std::is_same_v<L, Vector>) {
    const Half half = __builtin_shufflevector(lanes, lanes, 0, 1, 2, 3, 4, 5, 6, 7) +
                      __builtin_shufflevector(lanes, lanes, 8, 9, 10, 11, 12, 13, 14, 15);
    return __builtin_shufflevector(half, half, 0, 1, 2, 3) +
           __builtin_shufflevector(half, half, 4, 5, 6, 7);
  } else {
    const auto* const quarter = reinterpret_cast<const Quarter*>(lanes.part);
    return (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
  }
}

TUSK_HD float sum_of(const Lanes& lanes) {
  const auto quarter = sum_to_quarter(lanes);
  return (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
}

}  // namespace tusk::TUSK_ISA
