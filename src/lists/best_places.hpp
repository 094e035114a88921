// The best of a few scores that are at hand.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

namespace tusk {

// The places in `all` of its k best, or of all if there are fewer: higher scores first, of equal
// ones the earlier. `score` gives that of an element.
template <class Element, class Score = std::identity>
std::vector<std::size_t> best_places(std::span<const Element> all, int k, Score score = {}) {
  std::vector<std::size_t> place(all.size());
  std::iota(place.begin(), place.end(), std::size_t{0});
  const auto end = place.begin() + std::min<std::ptrdiff_t>(k, std::ssize(place));
  std::partial_sort(place.begin(), end, place.end(), [&](std::size_t a, std::size_t b) {
    const float of_a = std::invoke(score, all[a]);
    const float of_b = std::invoke(score, all[b]);
    return of_a != of_b ? of_a > of_b : a < b;
  });
  place.erase(end, place.end());
  return place;
}

}  // namespace tusk
