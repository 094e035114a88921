// The inverse of a regularized Gram matrix, which is Backend::invert_gram().
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include <tusk/types.hpp>

namespace tusk {

// The matrix R diag(scale) R' + diag(diagonal) of the sparse matrix R. Borrowed.
struct GramProblem {
  CsrView rows;                      // R
  CsrView transposed;                // its transpose
  std::span<const double> scale;     // by column of R; empty is all ones
  std::span<const double> diagonal;  // by row of R
  // Called between steps of at most seconds, from the calling thread; what it throws ends the work.
  std::function<void()> check_stop = [] {};
};

// How large a problem is.
struct GramSize {
  Index rows = 0;            // of R, and rows and columns of the matrix
  Index columns = 0;         // of R
  std::int64_t entries = 0;  // of R
  std::size_t number = 0;    // bytes of a number of the inverse
};

}  // namespace tusk
