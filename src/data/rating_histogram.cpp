#include <algorithm>
#include <cstddef>

#include <tusk/rating_histogram.hpp>

namespace tusk {

std::map<float, std::int64_t> rating_histogram(const Dataset& data) {
  constexpr std::size_t kMostBars = 20;
  constexpr int kRanges = 10;
  std::map<float, std::int64_t> bars;
  for (const float rating : data.rating) {
    ++bars[rating];
    if (bars.size() > kMostBars) break;
  }
  if (bars.size() <= kMostBars) return bars;
  bars.clear();
  const float width = (data.scale.high - data.scale.low) / kRanges;
  for (const float rating : data.rating) {
    const int range = std::min(kRanges - 1, static_cast<int>((rating - data.scale.low) / width));
    ++bars[data.scale.low + static_cast<float>(range) * width];
  }
  return bars;
}

}  // namespace tusk
