// Vectors for the files that are compiled once for each instruction set, see isa_kernels.hpp.
#pragma once

#include "cpu/isa_kernels.hpp"

namespace tusk::TUSK_ISA {

// What the instruction set handles at once.
#if defined(__AVX512F__)
inline constexpr int kVectorBytes = 64;
#elif defined(__AVX__)
inline constexpr int kVectorBytes = 32;
#else
inline constexpr int kVectorBytes = 16;
#endif
inline constexpr int kVectorFloats = kVectorBytes / 4;

using Vector = float __attribute__((vector_size(kVectorBytes)));
using Half = float __attribute__((vector_size(32)));
using Quarter = float __attribute__((vector_size(16)));

// kLanes floats, whatever the instruction set, so that the order of every sum is the same: a vector
// where it has one of that width, and else several. (GCC 12 takes a vector type that is wider than
// the instruction set's apart float by float.)
template <int Parts>
struct Vectors {
  Vector part[Parts];

  TUSK_HD friend Vectors operator+(const Vectors& a, const Vectors& b) {
    Vectors sum;
    for (int p = 0; p < Parts; ++p) sum.part[p] = a.part[p] + b.part[p];
    return sum;
  }
  TUSK_HD friend Vectors operator*(const Vectors& a, const Vectors& b) {
    Vectors product;
    for (int p = 0; p < Parts; ++p) product.part[p] = a.part[p] * b.part[p];
    return product;
  }
  TUSK_HD friend Vectors operator*(float a, const Vectors& b) {
    Vectors product;
    for (int p = 0; p < Parts; ++p) product.part[p] = a * b.part[p];
    return product;
  }
  TUSK_HD Vectors& operator+=(const Vectors& other) { return *this = *this + other; }
};
#if defined(__AVX512F__)
using Lanes = Vector;
#else
using Lanes = Vectors<kLanes / kVectorFloats>;
#endif

// By halves: lanes 0 .. 7 and 8 .. 15 are added first, and so on.
#if defined(__AVX512F__)
TUSK_HD float sum_of(Lanes lanes) {
  const Half halves = __builtin_shufflevector(lanes, lanes, 0, 1, 2, 3, 4, 5, 6, 7) +
                      __builtin_shufflevector(lanes, lanes, 8, 9, 10, 11, 12, 13, 14, 15);
  const Quarter quarters = __builtin_shufflevector(halves, halves, 0, 1, 2, 3) +
                           __builtin_shufflevector(halves, halves, 4, 5, 6, 7);
  return (quarters[0] + quarters[2]) + (quarters[1] + quarters[3]);
}
#else
TUSK_HD float sum_of(const Lanes& lanes) {
  const auto* const part = reinterpret_cast<const Quarter*>(lanes.part);
  const Quarter quarters = (part[0] + part[2]) + (part[1] + part[3]);
  return (quarters[0] + quarters[2]) + (quarters[1] + quarters[3]);
}
#endif

}  // namespace tusk::TUSK_ISA
