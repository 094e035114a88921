// Products of a sparse matrix with its transpose.
#pragma once

#include <span>

#include <tusk/types.hpp>

#include "algebra/symmetric_inverse.hpp"

namespace tusk {

// Fills the lower triangle of `gram` [rows, rows] with R diag(scale) R', where R is `rows` and
// `transposed` its transpose; an empty `scale` is all ones. Sums are in double precision, in the
// order of the columns, for any number of threads. Fastest where rows with many entries come first.
template <class T>
void fill_gram(const CsrView& rows, const CsrView& transposed, std::span<const double> scale,
               const ParallelFor& parallel_for, std::span<T> gram);

}  // namespace tusk
