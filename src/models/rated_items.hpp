// What a user who is folded in has rated.
#pragma once

#include <algorithm>
#include <vector>

#include <tusk/model.hpp>

namespace tusk {

struct RatedItems {
  std::vector<Index> item;  // ascending
  std::vector<float> rating;
};

// Those of the row that the model has training ratings of.
inline RatedItems rated_items(const Model& model, const CsrView& ratings, Index row) {
  RatedItems rated;
  const auto items = ratings.row(row);
  const auto first = static_cast<std::size_t>(ratings.offset[static_cast<std::size_t>(row)]);
  for (std::size_t k = 0; k < items.size(); ++k) {
    if (!model.knows_item(items[k])) continue;
    rated.item.push_back(items[k]);
    rated.rating.push_back(ratings.value[first + k]);
  }
  return rated;
}

// Those that add most first; of equal ones by item.
inline void sort_contributions(std::vector<Contribution>& all) {
  std::stable_sort(all.begin(), all.end(), [](const Contribution& a, const Contribution& b) {
    return a.part != b.part ? a.part > b.part : a.item < b.item;
  });
}

}  // namespace tusk
