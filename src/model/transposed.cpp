#include "model/transposed.hpp"

#include <numeric>

namespace tusk {

Transposed::Transposed(const CsrView& matrix)
    : offset(static_cast<std::size_t>(matrix.columns) + 1, 0),
      column(matrix.column.size()),
      value(matrix.column.size()),
      columns(matrix.rows()) {
  for (const Index c : matrix.column) ++offset[static_cast<std::size_t>(c) + 1];
  std::partial_sum(offset.begin(), offset.end(), offset.begin());
  std::vector<std::int64_t> next(offset.begin(), offset.end() - 1);
  matrix.each([&](Index row, std::size_t at) {
    const auto to = static_cast<std::size_t>(next[static_cast<std::size_t>(matrix.column[at])]++);
    column[to] = row;
    value[to] = matrix.value[at];
  });
}

}  // namespace tusk
