// Sparse matrices of normally distributed numbers.
#pragma once

#include <cstdint>

#include <Eigen/Core>

#include <tusk/types.hpp>

#include "algebra/random_draws.hpp"
#include "model/transposed.hpp"
#include "support/philox.hpp"

namespace tusk::test {

// `share` of the numbers are there; none of row and column 1 if it is `with_empty`.
inline SparseMatrixOf sparse(int rows, int columns, double share, std::uint64_t seed,
                             bool with_empty) {
  RandomSequence random(seed, 77);
  SparseMatrixOf matrix;
  matrix.columns = columns;
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      if (random.uniform() >= share || (with_empty && (r == 1 || c == 1))) continue;
      matrix.column.push_back(c);
      matrix.value.push_back(static_cast<float>(draw_normal(random)));
    }
    matrix.offset.push_back(std::ssize(matrix.column));
  }
  return matrix;
}

inline Eigen::MatrixXd dense(const CsrView& view) {
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(view.rows(), view.columns);
  view.each([&](Index row, std::size_t at) {
    matrix(row, view.column[at]) = static_cast<double>(view.value[at]);
  });
  return matrix;
}

}  // namespace tusk::test
