#include <algorithm>
#include <cmath>
#include <vector>

#include <tusk/ranking.hpp>

namespace tusk {
namespace {

double discount(double rank) { return 1 / std::log2(rank + 1); }

// Adds what a group gives that begins after `before` ranks, with `hits` relevant items on them, to
// the sums over the list. The first `places` of its items are on the list, in any order; the user
// has `all_relevant` relevant items.
void add_group(ListMetrics& sums, const TieGroup& group, double before, double hits,
               std::int64_t places, double all_relevant) {
  if (group.relevant == 0) return;
  const auto items = static_cast<double>(group.items);
  const auto relevant = static_cast<double>(group.relevant);
  const double share = relevant / items;
  const double mean_gain = group.gain / items;
  // How many relevant items the next place has before it in the group, if it has one itself.
  const double others = group.items > 1 ? (relevant - 1) / (items - 1) : 0;
  double none_yet = hits > 0 ? 0 : 1;  // the probability of no hit down to the place before
  for (std::int64_t place = 0; place < places; ++place) {
    const auto here = static_cast<double>(place);
    const double rank = before + here + 1;
    sums.precision += share;
    if (rank <= all_relevant) sums.r_precision += share;
    sums.ndcg += mean_gain * discount(rank);
    sums.average_precision += share * (hits + 1 + here * others) / rank;
    const double left = items - here;
    const double first_hit = none_yet * std::min(1.0, relevant / left);
    sums.reciprocal_rank += first_hit / rank;
    sums.hit_rate += first_hit;
    none_yet *= std::max(0.0, left - relevant) / left;
  }
  if (hits == 0 && places == group.items) sums.hit_rate = 1;  // without rounding
}

}  // namespace

ListMetrics judge_list(std::span<const TieGroup> groups, std::int64_t relevant, int k) {
  std::vector<TieGroup> binary(groups.begin(), groups.end());
  for (TieGroup& group : binary) group.gain = static_cast<double>(group.relevant);
  return judge_list(binary, std::vector<double>(static_cast<std::size_t>(relevant), 1), k);
}

ListMetrics judge_list(std::span<const TieGroup> groups, std::span<const double> gains, int k) {
  const auto length = static_cast<double>(k);
  const auto relevant_count = static_cast<double>(gains.size());
  const double most_hits = std::min(length, relevant_count);
  ListMetrics metrics;
  std::int64_t rank = 0;
  std::int64_t hits = 0;
  for (const TieGroup& group : groups) {
    if (rank == k) break;
    const std::int64_t places = std::min(group.items, k - rank);
    add_group(metrics, group, static_cast<double>(rank), static_cast<double>(hits), places,
              relevant_count);
    rank += places;
    hits += group.relevant;  // exact unless the list ends here
  }
  double ideal = 0;
  for (std::size_t r = 0; r < static_cast<std::size_t>(most_hits); ++r) {
    ideal += gains[r] * discount(static_cast<double>(r + 1));
  }
  metrics.recall = metrics.precision / relevant_count;
  metrics.capped_recall = metrics.precision / most_hits;
  metrics.r_precision /= relevant_count;
  metrics.precision /= length;
  metrics.ndcg /= ideal;
  metrics.average_precision /= relevant_count;
  return metrics;
}

}  // namespace tusk
