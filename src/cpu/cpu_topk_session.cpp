#include "cpu/cpu_topk_session.hpp"

#include <algorithm>
#include <limits>

#include "model/score.hpp"

namespace tusk {
namespace {

struct Scored {
  float score;
  Index item;
};

// The order of results: higher scores first, ties by smaller index.
bool better(const Scored& a, const Scored& b) {
  return a.score != b.score ? a.score > b.score : a.item < b.item;
}

}  // namespace

TopK CpuTopKSession::query(std::span<const Index> rows, int k) {
  TopK result;
  result.rows = static_cast<Index>(rows.size());
  result.k = k;
  const auto width = static_cast<std::size_t>(k);
  result.index.assign(rows.size() * width, kNone);
  result.score.assign(rows.size() * width, -std::numeric_limits<float>::infinity());
  threads_->parallel_for(static_cast<std::int64_t>(rows.size()), [&](std::int64_t r, int) {
    const auto row = static_cast<std::size_t>(r);
    query_row(rows[row], std::span(result.index).subspan(row * width, width),
              std::span(result.score).subspan(row * width, width));
  });
  return result;
}

void CpuTopKSession::query_row(Index user, std::span<Index> index, std::span<float> scores) const {
  std::vector<Scored> best;  // a heap with the worst of them on top
  const auto seen = exclude_.row(user);
  for (const Index item : candidates_) {
    const Scored candidate{score(state_, user, item), item};
    const bool full = best.size() == index.size();
    if (full && !better(candidate, best.front())) continue;
    if (std::binary_search(seen.begin(), seen.end(), item)) continue;
    if (full) {
      std::pop_heap(best.begin(), best.end(), better);
      best.pop_back();
    }
    best.push_back(candidate);
    std::push_heap(best.begin(), best.end(), better);
  }
  std::sort_heap(best.begin(), best.end(), better);
  for (std::size_t r = 0; r < best.size(); ++r) {
    index[r] = best[r].item;
    scores[r] = best[r].score;
  }
}

}  // namespace tusk
