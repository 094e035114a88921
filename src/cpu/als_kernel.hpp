// The inner loops of alternating least squares, compiled once for each instruction set (see
// kernels.hpp).
#pragma once

#include <cstddef>

namespace tusk {

// What the row x of a user or an item minimizes:
//   f(x) = sum over k of weight[k] (1 - <row[k], x>)^2 + x' (gram + regularization I) x
// Rows have `vectors` times kLanes floats, aligned to 64 bytes.
struct AlsRow {
  const float* const* row = nullptr;  // [count], and kAlsLookahead more that could be one
  const float* weight = nullptr;      // [count]
  std::size_t count = 0;
  const float* gram = nullptr;  // [n, n], symmetric
  float regularization = 0;     // above 0
  int vectors = 0;
  bool far = false;  // whether the rows are far from each other in memory, so that they are fetched
                     // ahead of their use
};

inline constexpr int kAlsLookahead = 8;

// Rows whose products are summed before they are added to a larger sum.
inline constexpr std::size_t kGramBlock = 128;

struct AlsKernel {
  // Adds the products of the columns of `rows`, [count, n], to the upper triangle of gram, [n, n],
  // and to some of what is below it.
  void (*add_gram)(const float* rows, std::size_t count, int vectors, float* gram);

  // Both change x and return f(x). `scratch` is aligned as rows are.

  // Steps of the conjugate gradient method from x; `scratch` has 3 rows. One step needs
  // 4 n (count + n / 2) operations.
  double (*conjugate_gradient)(const AlsRow& problem, int steps, float* x, float* scratch);
  // The minimum, whatever x was; `scratch` has n + kGramBlock + 1 rows.
  double (*cholesky)(const AlsRow& problem, float* x, float* scratch);
};

}  // namespace tusk
