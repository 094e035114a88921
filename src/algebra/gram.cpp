#include "algebra/gram.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <vector>

#include "algebra/sparse_row.hpp"

namespace tusk {
namespace {

// Rows that are computed together: what they share of a column is read once for all of them.
constexpr std::size_t kRows = 8;

using RowWeights = std::array<double, kRows>;

// Calls visit(column, weights, how many are not 0) for the columns of up to kRows rows, ascending.
template <class Visit>
void merge_rows(std::span<const SparseRow> rows, const Visit& visit) {
  constexpr Index kEnd = std::numeric_limits<Index>::max();
  std::array<std::size_t, kRows> at{};
  while (true) {
    Index column = kEnd;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (at[r] < rows[r].column.size()) column = std::min(column, rows[r].column[at[r]]);
    }
    if (column == kEnd) return;
    RowWeights weights{};
    std::size_t count = 0;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (at[r] == rows[r].column.size() || rows[r].column[at[r]] != column) continue;
      weights[r] = static_cast<double>(rows[r].value[at[r]++]);
      ++count;
    }
    visit(column, weights, count);
  }
}

// sums [columns, kRows] += the weights of the rows times those of `others`, as far as `last`.
void add_products(const RowWeights& weights, std::size_t count, const SparseRow& others, Index last,
                  std::span<double> sums) {
  const auto end = std::upper_bound(others.column.begin(), others.column.end(), last);
  const auto size = static_cast<std::size_t>(end - others.column.begin());
  if (count == 1) {
    const auto row = static_cast<std::size_t>(
        std::find_if(weights.begin(), weights.end(), [](double w) { return w != 0; }) -
        weights.begin());
    for (std::size_t n = 0; n < size; ++n) {
      sums[static_cast<std::size_t>(others.column[n]) * kRows + row] +=
          weights[row] * static_cast<double>(others.value[n]);
    }
    return;
  }
  for (std::size_t n = 0; n < size; ++n) {
    double* const own = &sums[static_cast<std::size_t>(others.column[n]) * kRows];
    const auto value = static_cast<double>(others.value[n]);
    for (std::size_t r = 0; r < kRows; ++r) own[r] += weights[r] * value;
  }
}

}  // namespace

template <class T>
void fill_gram(const CsrView& rows, const CsrView& transposed, std::span<const double> scale,
               const ParallelFor& parallel_for, std::span<T> gram) {
  const auto size = static_cast<std::size_t>(rows.rows());
  parallel_for(static_cast<std::int64_t>((size + kRows - 1) / kRows), [&](std::int64_t task) {
    const std::size_t first = static_cast<std::size_t>(task) * kRows;
    const std::size_t end = std::min(size, first + kRows);
    std::vector<SparseRow> own;
    for (std::size_t r = first; r < end; ++r) own.emplace_back(rows, static_cast<Index>(r));
    std::vector<double> sums(end * kRows);
    merge_rows(own, [&](Index column, RowWeights weights, std::size_t count) {
      if (!scale.empty()) {
        for (double& weight : weights) weight *= scale[static_cast<std::size_t>(column)];
      }
      add_products(weights, count, {transposed, column}, static_cast<Index>(end - 1), sums);
    });
    for (std::size_t r = first; r < end; ++r) {
      for (std::size_t c = 0; c <= r; ++c) {
        gram[r * size + c] = static_cast<T>(sums[c * kRows + r - first]);
      }
    }
  });
}

template void fill_gram(const CsrView&, const CsrView&, std::span<const double>, const ParallelFor&,
                        std::span<float>);
template void fill_gram(const CsrView&, const CsrView&, std::span<const double>, const ParallelFor&,
                        std::span<double>);

}  // namespace tusk
