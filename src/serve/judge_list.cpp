#include <algorithm>
#include <cmath>

#include <tusk/ranking.hpp>

namespace tusk {

ListMetrics judge_list(std::span<const Index> list, std::span<const Index> relevant,
                       std::int64_t missed, int k) {
  const auto length = static_cast<double>(k);
  const auto relevant_count = static_cast<double>(std::ssize(relevant) + missed);
  const auto gain = [](double rank) { return 1 / std::log2(rank + 1); };
  double hits = 0;
  ListMetrics metrics;
  const std::size_t ranks = std::min(list.size(), static_cast<std::size_t>(k));
  for (std::size_t r = 0; r < ranks; ++r) {
    if (!std::binary_search(relevant.begin(), relevant.end(), list[r])) continue;
    const auto rank = static_cast<double>(r + 1);
    ++hits;
    metrics.ndcg += gain(rank);
    metrics.average_precision += hits / rank;
    if (hits == 1) metrics.reciprocal_rank = 1 / rank;
  }
  double ideal = 0;
  for (double rank = 1; rank <= std::min(length, relevant_count); ++rank) ideal += gain(rank);
  metrics.precision = hits / length;
  metrics.recall = hits / relevant_count;
  metrics.ndcg /= ideal;
  metrics.average_precision /= relevant_count;
  metrics.hit_rate = hits > 0 ? 1 : 0;
  return metrics;
}

}  // namespace tusk
