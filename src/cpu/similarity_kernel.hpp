// The inner loops of similarities, compiled once for each instruction set (see kernels.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include <tusk/knn.hpp>
#include <tusk/types.hpp>

namespace tusk {

// Rows whose similarities are computed side by side.
inline constexpr int kRowsAtOnce = 8;

// A CsrView as pointers.
struct SparseMatrix {
  const std::int64_t* offset = nullptr;
  const Index* column = nullptr;
  const float* value = nullptr;
};

// The sums that metrics take: see model/similarity.hpp.
enum class Measure {
  whole_cosine,
  counted_cosine,
  corated_cosine,
  pearson,
  baseline_pearson,
  mean_squared_difference,
};

struct SimilarityKernel {
  std::size_t bytes;  // of a measure of kRowsAtOnce rows with one row

  // Adds to the sums, an array of measures by row, what the rows of `group` have in common with
  // every row. Of `group` there are kRowsAtOnce, kNone where there are fewer.
  void (*accumulate)(const SparseMatrix& rows, const SparseMatrix& columns, const Index* group,
                     void* sums);

  // Finishes the sums of rows begin .. end - 1 and clears them. `squares` holds each row's sum of
  // squares; similarity[(row - begin) * kRowsAtOnce + i] is that of group[i].
  void (*finish)(void* sums, std::size_t begin, std::size_t end, const Index* group,
                 const double* squares, const SimilarityParams& params, double* similarity);
};

}  // namespace tusk
