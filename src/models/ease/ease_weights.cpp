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

SparseMatrixOf EasePlaces::placed(const SparseMatrixOf& weights) const {
  SparseMatrixOf placed;
  placed.columns = count_;
  placed.offset.reserve(weights.offset.size());
  std::vector<std::pair<Index, float>> row;
  for (Index r = 0; r < weights.view().rows(); ++r) {
    row.clear();
    const SparseRow own(weights.view(), r);
    for (std::size_t n = 0; n < own.column.size(); ++n) {
      if (of(own.column[n]) != kNone) row.emplace_back(of(own.column[n]), own.value[n]);
    }
    std::sort(row.begin(), row.end());
    for (const auto& [place, value] : row) {
      placed.column.push_back(place);
      placed.value.push_back(value);
    }
    placed.offset.push_back(std::ssize(placed.column));
  }
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
