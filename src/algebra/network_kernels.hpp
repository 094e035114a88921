// The kernels of neural networks: loops that are compiled for each instruction set and whose bits
// do not depend on it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "algebra/dropout.hpp"

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

// Rows of a layer's numbers, of the places first_place, first_place + 1, ... of an epoch: those
// that dropout keeps are multiplied by `by`, the others are 0.
struct DroppedRows {
  DropoutDraws draws;
  std::uint64_t epoch = 0;
  std::uint64_t first_place = 0;
  float by = 1;
  int rows = 0;
  int width = 0;
  const float* from = nullptr;  // [rows, width]
  float* to = nullptr;          // may be `from`
  float* mask = nullptr;        // what they are multiplied by; may be null
};

// On the calling thread.
struct NetworkKernels {
  // Every number is one sum over the depth in its order, from 0 or from what is there, whatever the
  // size of the matrices.
  void (*multiply)(const DenseProduct& product);
  // values[r, o] = max(0, values[r, o] + bias[o]); NaN stays NaN.
  void (*rectify)(float* values, int rows, int outputs, const float* bias);
  // gradient[k] *= by where outputs[k] is above 0, else 0.
  void (*rectify_gradient)(std::size_t count, const float* outputs, float by, float* gradient);
  void (*drop)(const DroppedRows& rows);
};

}  // namespace tusk
