#include "models/ease/ease_weights.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "algebra/sparse_row.hpp"

namespace tusk {

EasePlaces::EasePlaces(std::span<const Index> item, Index items)
    : count_(static_cast<Index>(item.size())), place_(static_cast<std::size_t>(items), kNone) {
  for (std::size_t place = 0; place < item.size(); ++place) {
    place_[static_cast<std::size_t>(item[place])] = static_cast<Index>(place);
  }
}

SparseMatrixOf EasePlaces::placed(const SparseMatrixOf& weights,
                                  const ParallelFor& parallel_for) const {
  constexpr Index kRowsOfTask = 256;
  const CsrView from = weights.view();
  SparseMatrixOf placed;
  placed.columns = count_;
  for (Index r = 0; r < from.rows(); ++r) {
    const auto row = from.row(r);
    placed.offset.push_back(
        placed.offset.back() +
        std::count_if(row.begin(), row.end(), [&](Index item) { return of(item) != kNone; }));
  }
  placed.column.resize(static_cast<std::size_t>(placed.offset.back()));
  placed.value.resize(placed.column.size());
  parallel_for((from.rows() + kRowsOfTask - 1) / kRowsOfTask, [&](std::int64_t task) {
    const auto first = static_cast<Index>(task) * kRowsOfTask;
    std::vector<std::pair<Index, float>> row;
    for (Index r = first; r < std::min(from.rows(), first + kRowsOfTask); ++r) {
      row.clear();
      const SparseRow own(from, r);
      for (std::size_t n = 0; n < own.column.size(); ++n) {
        if (of(own.column[n]) != kNone) row.emplace_back(of(own.column[n]), own.value[n]);
      }
      std::sort(row.begin(), row.end());
      auto at = static_cast<std::size_t>(placed.offset[static_cast<std::size_t>(r)]);
      for (const auto& [place, value] : row) {
        placed.column[at] = place;
        placed.value[at++] = value;
      }
    }
  });
  return placed;
}

std::vector<Index> items_with_interactions(const SparseMatrixOf& weights) {
  std::vector<std::int64_t> count(static_cast<std::size_t>(weights.columns), 0);
  for (const Index item : weights.column) ++count[static_cast<std::size_t>(item)];
  std::vector<Index> items;
  for (Index item = 0; item < weights.columns; ++item) {
    if (count[static_cast<std::size_t>(item)] > 0) items.push_back(item);
  }
  std::stable_sort(items.begin(), items.end(), [&](Index a, Index b) {
    return count[static_cast<std::size_t>(a)] > count[static_cast<std::size_t>(b)];
  });
  return items;
}

}  // namespace tusk
