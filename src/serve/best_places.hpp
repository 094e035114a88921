// The best of a few scores that are at hand.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

namespace tusk {

// The places in `score` of its k best, or of all if there are fewer: higher scores first, of equal
// ones the earlier.
inline std::vector<std::size_t> best_places(std::span<const float> score, int k) {
  std::vector<std::size_t> place(score.size());
  std::iota(place.begin(), place.end(), std::size_t{0});
  const auto end = place.begin() + std::min<std::ptrdiff_t>(k, std::ssize(place));
  std::partial_sort(place.begin(), end, place.end(), [&](std::size_t a, std::size_t b) {
    return score[a] != score[b] ? score[a] > score[b] : a < b;
  });
  place.erase(end, place.end());
  return place;
}

}  // namespace tusk
