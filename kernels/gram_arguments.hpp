// What kernels of Gram matrices and their inverses are called with. T is float or double.
#pragma once

#include <cstdint>

#include "device_rows.hpp"

namespace tusk {

// The matrix of a GramProblem.
template <class T>
struct GramArguments {
  DeviceRows rows;
  DeviceRows transposed;
  const double* scale = nullptr;     // by column of `rows`; null is all ones
  const double* diagonal = nullptr;  // by row
  double* sums = nullptr;            // [warps, rows]; zeros before and after
  T* matrix = nullptr;               // [rows, rows]: the lower triangle is written
};

// A step of Gauss-Jordan elimination in the lower triangle of a symmetric matrix, by the rows and
// columns first .. first + height - 1; see invert_symmetric().
template <class T>
struct SweepArguments {
  T* matrix = nullptr;  // [size, size]
  std::int64_t size = 0;
  std::int64_t first = 0;
  std::int64_t height = 0;
  std::int64_t tile = 0;  // from row to row of what follows
  T* panel = nullptr;     // [size, height]: those columns in all rows
  T* scaled = nullptr;    // [size, height]: that times the pivot
  T* pivot = nullptr;     // [height, height]: the inverse of their square
};

}  // namespace tusk
