// The best of a few items whose scores are at hand.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <tusk/types.hpp>

namespace tusk {

// The places in `item` of its k best, or of all if there are fewer: higher scores first, ties by
// smaller index. score[p] is that of item[p].
inline std::vector<std::size_t> best_items(std::span<const Index> item,
                                           std::span<const float> score, int k) {
  std::vector<std::size_t> place(item.size());
  std::iota(place.begin(), place.end(), std::size_t{0});
  const auto end = place.begin() + std::min<std::ptrdiff_t>(k, std::ssize(place));
  std::partial_sort(place.begin(), end, place.end(), [&](std::size_t a, std::size_t b) {
    return score[a] != score[b] ? score[a] > score[b] : item[a] < item[b];
  });
  place.erase(end, place.end());
  return place;
}

}  // namespace tusk
