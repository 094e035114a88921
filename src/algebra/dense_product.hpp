// Products of dense matrices whose bits do not depend on the instruction set.
#pragma once

#include <cstddef>

namespace tusk {

// Behind the last row of `b` there are so many more floats that can be read.
inline constexpr int kDenseMargin = 16;

// c = a b, or c += a b. Number (r, k) of `a` is a[r * a_row + k * a_depth], so that `a` may be
// taken as it is or transposed; `b` is [depth, columns] and `c` [rows, columns], in rows that are
// `ldb` and `ldc` apart. `c` overlaps neither.
struct DenseProduct {
  int rows = 0;
  int columns = 0;
  int depth = 0;
  const float* a = nullptr;
  std::ptrdiff_t a_row = 0;
  std::ptrdiff_t a_depth = 0;
  const float* b = nullptr;
  std::ptrdiff_t ldb = 0;
  float* c = nullptr;
  std::ptrdiff_t ldc = 0;
  bool add = false;
};

// Runs on the calling thread. Every number is one sum over the depth in its order, from 0 or from
// what is there, whatever the size of the matrices (CpuKernels::dense).
using DenseKernel = void (*)(const DenseProduct& product);

}  // namespace tusk
