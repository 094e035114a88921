// How users' or items' parameters lie in the GPU's memory: rows of factors, padded with zeros to
// whole vectors of a warp, and the biases in an array of their own, each in a sector of 32 bytes.
// So a row of 64 factors is two whole lines of the cache; a bias behind it would begin a third, and
// biases side by side would make threads wait for each other that add to popular items. Both are
// measured in bench/README.md.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "backend/backend.hpp"

namespace tusk {

inline constexpr int kWarpLanes = 32;
inline constexpr std::size_t kBiasSpacing = 8;  // floats from one bias to the next

// So many factors a lane have kernels that keep a user's factors in registers, ascending. Longer
// rows have a kernel that leaves them in memory. Factors in half precision are an even number a
// lane: a GPU adds them in pairs, and single ones many times slower.
inline constexpr std::array kRegisterFactors = {1, 2, 3, 4, 5, 6, 7, 8, 12, 16};

struct RowLayout {
  int factors = 0;
  int factors_per_lane = 0;  // padded
  std::size_t factor_bytes = 0;

  constexpr int padded() const { return factors_per_lane * kWarpLanes; }
  // Bytes from row to row.
  constexpr std::size_t stride() const { return static_cast<std::size_t>(padded()) * factor_bytes; }
  // Of a row and its bias.
  constexpr std::size_t bytes() const { return stride() + kBiasSpacing * sizeof(float); }
};

constexpr RowLayout row_layout(int factors, Precision precision) {
  const bool pairs = precision == Precision::fp16 || factors > kRegisterFactors.back() * kWarpLanes;
  const int whole = pairs ? 2 * kWarpLanes : kWarpLanes;
  const int needed = (factors + whole - 1) / whole * whole / kWarpLanes;
  const auto* padded = std::lower_bound(kRegisterFactors.begin(), kRegisterFactors.end(), needed);
  while (pairs && padded != kRegisterFactors.end() && *padded % 2 != 0) ++padded;
  return {factors, padded == kRegisterFactors.end() ? needed : *padded,
          precision == Precision::fp16 ? std::size_t{2} : std::size_t{4}};
}

}  // namespace tusk
