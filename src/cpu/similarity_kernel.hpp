// The inner loops of similarities, compiled once for each instruction set (see kernels.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include <tusk/knn.hpp>
#include <tusk/types.hpp>

namespace tusk {

// Rows whose similarities are computed side by side.
inline constexpr int kRowsAtOnce = 16;

// A CsrView as pointers.
struct SparseMatrix {
  const std::int64_t* offset = nullptr;
  const Index* column = nullptr;
  const float* value = nullptr;
};

// A column that rows of a group hold.
struct SharedColumn {
  std::int64_t next = 0;          // of its entries, the first one not added yet
  std::int64_t end = 0;           // behind its last entry
  float value[kRowsAtOnce] = {};  // of the group's rows, 0 for a row that does not hold it
  float held[kRowsAtOnce] = {};   // 1 for a row that holds it, else 0
};

struct SimilarityKernel {
  std::size_t bytes;  // of a measure of kRowsAtOnce rows with one row

  // Adds to the sums, an array of measures of rows begin .. end - 1, what those rows have in common
  // with a group's. The entries of the `shared` columns, which are in rising order, are taken from
  // `next` on; ranges of rows must come in rising order.
  void (*accumulate)(const SparseMatrix& columns, SharedColumn* shared, std::size_t count,
                     Index begin, Index end, void* sums);

  // Finishes the sums of rows begin .. end - 1 and clears them. `own` holds the sums of squares of
  // the group's rows, `squares` those of all; similarity[(row - begin) * kRowsAtOnce + i] is that
  // of the group's row i.
  void (*finish)(void* sums, std::size_t begin, std::size_t end, const double* own,
                 const double* squares, const SimilarityParams& params, double* similarity);
};

}  // namespace tusk
