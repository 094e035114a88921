// The inner loop of Gibbs sampling, compiled once for each instruction set (see kernels.hpp).
#pragma once

#include <cstddef>

#include "cpu/lane_count.hpp"
#include "support/host_device.hpp"

namespace tusk {

// One number for each of the rows that are drawn side by side.
struct alignas(64) LaneRow {
  float lane[kLanes] = {};
};

// Numbers of the lower triangle of a matrix [size, size], by rows.
TUSK_HD constexpr std::size_t triangle_size(std::size_t size) { return size * (size + 1) / 2; }
TUSK_HD constexpr std::size_t triangle_place(std::size_t row, std::size_t column) {
  return triangle_size(row) + column;
}

// Vectors x of length d, each drawn from N(A^-1 b, A^-1) with A = L + alpha sum of the z z' and
// b = L m + alpha sum of the value z over its ratings.
struct GibbsRows {
  int width = 0;  // d
  float alpha = 0;
  const float* precision = nullptr;  // L, [d, d], symmetric
  const LaneRow* mean = nullptr;     // m, [d]
  const LaneRow* moments = nullptr;  // lower triangle of the sum of (z, value) (z, value)'
  const LaneRow* noise = nullptr;    // [d], standard normal
  LaneRow* scratch = nullptr;        // lower triangle of [d + 1, d + 1]
  LaneRow* drawn = nullptr;          // x, [d]
  LaneRow* squared_error = nullptr;  // the sum of (value - <x, z>)^2
};

}  // namespace tusk
