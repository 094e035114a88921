#include "evaluation/ranked_list.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "model/score.hpp"

namespace tusk {

RankedList list_of_scores(std::span<const Index> item, std::span<const float> score, int k) {
  const auto length = static_cast<std::size_t>(k);
  RankedList list;
  std::vector<std::size_t> best;
  if (item.size() <= length) {
    best.resize(item.size());
    std::iota(best.begin(), best.end(), std::size_t{0});
  } else {
    std::vector<float> falling(score.begin(), score.end());
    const auto last = falling.begin() + (k - 1);
    std::nth_element(falling.begin(), last, falling.end(), std::greater<>());
    std::vector<std::size_t> equal;
    for (std::size_t at = 0; at < item.size(); ++at) {
      if (score[at] > *last) best.push_back(at);
      if (score[at] == *last) equal.push_back(at);
    }
    if (best.size() + equal.size() <= length) {
      best.insert(best.end(), equal.begin(), equal.end());
    } else {
      list.tie = *last;
      for (const std::size_t at : equal) list.tied.push_back(item[at]);
    }
  }
  std::stable_sort(best.begin(), best.end(),
                   [&](std::size_t a, std::size_t b) { return score[a] > score[b]; });
  for (const std::size_t at : best) {
    list.item.push_back(item[at]);
    list.score.push_back(score[at]);
  }
  return list;
}

RankedList list_of_row(std::span<const Index> item, std::span<const float> score, int k) {
  const auto length = static_cast<std::size_t>(k);
  RankedList list;
  auto listed = static_cast<std::size_t>(std::find(item.begin(), item.end(), kNone) - item.begin());
  if (listed > length) {
    listed = length;
    if (score[length] == score[length - 1]) {
      list.tie = score[length];
      while (listed > 0 && score[listed - 1] == *list.tie) --listed;
    }
  }
  list.item.assign(item.begin(), item.begin() + static_cast<std::ptrdiff_t>(listed));
  list.score.assign(score.begin(), score.begin() + static_cast<std::ptrdiff_t>(listed));
  return list;
}

RankedList shortened(const RankedList& list, int k) {
  const auto length = static_cast<std::size_t>(k);
  RankedList shorter = list;
  if (list.item.size() < length) return shorter;
  shorter.tie.reset();
  shorter.tied.clear();
  std::size_t listed = length;
  if (list.item.size() > length && list.score[length] == list.score[length - 1]) {
    shorter.tie = list.score[length];
    const auto [first, last] =
        std::equal_range(list.score.begin(), list.score.end(), *shorter.tie, std::greater<>());
    listed = static_cast<std::size_t>(first - list.score.begin());
    shorter.tied.assign(list.item.begin() + (first - list.score.begin()),
                        list.item.begin() + (last - list.score.begin()));
  }
  shorter.item.resize(listed);
  shorter.score.resize(listed);
  return shorter;
}

void add_item(TieGroup& group, Index item, std::span<const Index> relevant,
              std::span<const double> gain) {
  ++group.items;
  const auto found = std::lower_bound(relevant.begin(), relevant.end(), item);
  if (found == relevant.end() || *found != item) return;
  ++group.relevant;
  group.gain += gain[static_cast<std::size_t>(found - relevant.begin())];
}

std::vector<TieGroup> groups_of(const RankedList& list, std::span<const Index> relevant,
                                std::span<const double> gain) {
  std::vector<TieGroup> groups;
  for (std::size_t r = 0; r < list.item.size(); ++r) {
    if (r == 0 || list.score[r] != list.score[r - 1]) groups.push_back({0, 0, 0});
    add_item(groups.back(), list.item[r], relevant, gain);
  }
  return groups;
}

CommonOrder::CommonOrder(const MfState& state, std::span<const Index> catalogue)
    : state_(state),
      item_(catalogue.begin(), catalogue.end()),
      place_(static_cast<std::size_t>(state.items), 0) {
  if (state.biased) {
    std::stable_sort(item_.begin(), item_.end(), [&](Index a, Index b) {
      return state.item_bias[static_cast<std::size_t>(a)] >
             state.item_bias[static_cast<std::size_t>(b)];
    });
  }
  for (std::size_t place = 0; place < item_.size(); ++place) {
    place_[static_cast<std::size_t>(item_[place])] = place;
  }
}

CommonOrder::Range CommonOrder::with_score(Index user, float tie) const {
  // Rounding keeps the order of sums, so scores fall along the items.
  const auto first = std::partition_point(
      item_.begin(), item_.end(), [&](Index item) { return score(state_, user, item) > tie; });
  const auto last = std::partition_point(
      first, item_.end(), [&](Index item) { return score(state_, user, item) >= tie; });
  return {static_cast<std::size_t>(first - item_.begin()),
          static_cast<std::size_t>(last - item_.begin())};
}

}  // namespace tusk
