// Products of rows of sparse matrices.
#pragma once

#include <span>
#include <vector>

#include <tusk/types.hpp>

namespace tusk {

// The product of a row of a matrix with each of its rows; of rows of length 1, their cosine.
std::vector<double> products_with_row(const CsrView& matrix, Index row);
// With each of `others`.
std::vector<double> products_with_row(const CsrView& matrix, Index row,
                                      std::span<const Index> others);

}  // namespace tusk
