#include "models/hybrid/rank_fusion.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <tuple>

namespace tusk {
namespace {

std::vector<std::size_t> places(std::size_t count) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

}  // namespace

std::vector<int> ranks_of(std::span<const float> scores, int depth, float least) {
  std::vector<std::size_t> order = places(scores.size());
  std::erase_if(order, [&](std::size_t place) { return !(scores[place] > least); });
  const auto better = [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; };
  const auto listed = static_cast<std::ptrdiff_t>(
      std::min<std::size_t>(static_cast<std::size_t>(depth), order.size()));
  std::partial_sort(order.begin(), order.begin() + listed, order.end(), better);
  std::vector<int> rank(scores.size(), 0);
  int present = 0;
  for (std::ptrdiff_t r = 0; r < listed; ++r) {
    const std::size_t place = order[static_cast<std::size_t>(r)];
    const bool ties = r > 0 && scores[place] == scores[order[static_cast<std::size_t>(r - 1)]];
    if (!ties) present = static_cast<int>(r) + 1;
    rank[place] = present;
  }
  if (listed == 0) return rank;
  // Those that tie with the last on the list.
  const float last = scores[order[static_cast<std::size_t>(listed - 1)]];
  for (std::size_t place = 0; place < scores.size(); ++place) {
    if (scores[place] == last) rank[place] = present;
  }
  return rank;
}

std::vector<double> fused(std::span<const RankedPart> parts, float constant) {
  std::vector<double> sum(parts.empty() ? 0 : parts.front().rank.size(), 0);
  for (const RankedPart& part : parts) {
    for (std::size_t place = 0; place < sum.size(); ++place) {
      const int rank = part.rank[place];
      if (rank > 0)
        sum[place] += static_cast<double>(part.weight) / (static_cast<double>(constant) + rank);
    }
  }
  return sum;
}

std::vector<float> without_ties(std::span<const double> fused, std::span<const float> first,
                                std::span<const float> second) {
  std::vector<std::size_t> order;
  for (const std::size_t place : places(fused.size())) {
    if (fused[place] > 0) order.push_back(place);
  }
  const auto key = [&](std::size_t place) {
    return std::tuple(-fused[place], -first[place], -second[place]);
  };
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  std::vector<float> scores(fused.size(), 0);
  for (std::size_t r = 0; r < order.size(); ++r) {
    float& score = scores[order[r]];
    score = static_cast<float>(fused[order[r]]);
    if (r == 0) continue;
    const float last = scores[order[r - 1]];
    const bool ties = key(order[r]) == key(order[r - 1]);
    score = ties ? last : std::min(score, std::nextafter(last, 0.0f));
  }
  return scores;
}

}  // namespace tusk
