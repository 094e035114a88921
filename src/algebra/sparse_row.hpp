#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <tusk/types.hpp>

namespace tusk {

// A row of a sparse matrix with values. Borrowed.
struct SparseRow {
  SparseRow(std::span<const Index> column_in, std::span<const float> value_in)
      : column(column_in), value(value_in) {}
  SparseRow(const CsrView& matrix, Index row)
      : column(matrix.row(row)),
        value(matrix.value.subspan(
            static_cast<std::size_t>(matrix.offset[static_cast<std::size_t>(row)]),
            column.size())) {}

  // 0 where the row has no such column.
  float at(Index wanted) const {
    const auto found = std::lower_bound(column.begin(), column.end(), wanted);
    if (found == column.end() || *found != wanted) return 0;
    return value[static_cast<std::size_t>(found - column.begin())];
  }

  // Calls visit(column, value) for every entry, in order, as std::size_t and double.
  template <class Visit>
  void each(const Visit& visit) const {
    for (std::size_t n = 0; n < column.size(); ++n) {
      visit(static_cast<std::size_t>(column[n]), static_cast<double>(value[n]));
    }
  }

  std::span<const Index> column;
  std::span<const float> value;
};

}  // namespace tusk
