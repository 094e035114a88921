#include "lists/row_selector.hpp"

#include <algorithm>
#include <limits>

namespace tusk {
namespace {

constexpr float kBarred = -std::numeric_limits<float>::infinity();
constexpr std::size_t kBlock = 64;  // scores that are looked at together

struct Scored {
  float score;
  Index place;
  Index item;
};

bool comes_before(const Scored& a, const Scored& b) {
  return a.score != b.score ? a.score > b.score : a.place < b.place;
}

bool any_from(std::span<const float> scores, float least) {
  int found = 0;
  for (const float score : scores) found |= static_cast<int>(score >= least);
  return found != 0;
}

}  // namespace

RowSelector::RowSelector(std::span<const Index> candidates, Index items)
    : place_(static_cast<std::size_t>(items), kNone) {
  for (std::size_t place = 0; place < candidates.size(); ++place) {
    place_[static_cast<std::size_t>(candidates[place])] = static_cast<Index>(place);
  }
  for (Index item = 0; item < items; ++item) {
    if (place_[static_cast<std::size_t>(item)] == kNone) other_.push_back(item);
  }
}

void RowSelector::choose(std::span<float> scores, std::span<const Index> seen,
                         std::span<Index> item, std::span<float> score) const {
  for (const Index other : other_) scores[static_cast<std::size_t>(other)] = kBarred;
  for (const Index one : seen) scores[static_cast<std::size_t>(one)] = kBarred;
  if (item.empty()) return;
  std::vector<Scored> best;  // once there are enough, a heap with the last in front
  best.reserve(item.size() + 1);
  float least = std::numeric_limits<float>::lowest();
  const auto offer = [&](const Scored& one) {
    if (best.size() == item.size()) {
      if (!comes_before(one, best.front())) return;
      std::pop_heap(best.begin(), best.end(), comes_before);
      best.back() = one;
      std::push_heap(best.begin(), best.end(), comes_before);
    } else {
      best.push_back(one);
      if (best.size() < item.size()) return;
      std::make_heap(best.begin(), best.end(), comes_before);
    }
    least = best.front().score;
  };
  for (std::size_t first = 0; first < scores.size(); first += kBlock) {
    const std::size_t end = std::min(first + kBlock, scores.size());
    if (!any_from(scores.subspan(first, end - first), least)) continue;
    for (std::size_t i = first; i < end; ++i) {
      if (scores[i] >= least) offer({scores[i], place_[i], static_cast<Index>(i)});
    }
  }
  std::sort(best.begin(), best.end(), comes_before);
  for (std::size_t n = 0; n < best.size(); ++n) {
    item[n] = best[n].item;
    score[n] = best[n].score;
  }
}

}  // namespace tusk
