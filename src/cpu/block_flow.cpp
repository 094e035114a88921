#include "cpu/block_flow.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tusk {
namespace {

constexpr int kNotReady = -1;

}  // namespace

BlockFlow::BlockFlow(BlockOrder order, const std::vector<int>& own)
    : order_(std::move(order)),
      own_(own),
      place_(order_.round.size()),
      ready_(order_.round.size()),
      round_of_(order_.round.size()),
      taken_(order_.round.size()),
      sums_(order_.round.size() * order_.round.size(), 0) {
  for (int w = 0; w < stripes(); ++w) {
    place_[static_cast<std::size_t>(order_.item_stripe[static_cast<std::size_t>(w)])] = w;
  }
  for (auto& round : ready_) round = kNotReady;
}

std::optional<BlockFlow::Block> BlockFlow::take() {
  while (true) {
    std::optional<Block> earliest;
    for (const int w : own_) {
      const int round = next_round(w);
      if (round == stripes() || (earliest && earliest->round <= round)) continue;
      if (taken_[static_cast<std::size_t>(w)].load(std::memory_order_relaxed)) continue;
      if (is_ready(w, round)) earliest = {w, round};
    }
    if (!earliest) return {};
    auto& taken = taken_[static_cast<std::size_t>(earliest->w)];
    if (taken.exchange(true, std::memory_order_acquire)) continue;
    // Another thread may have had it in between.
    if (next_round(earliest->w) == earliest->round) return earliest;
    taken.store(false, std::memory_order_release);
  }
}

bool BlockFlow::ended() const {
  return std::ranges::all_of(own_, [&](int w) { return next_round(w) == stripes(); });
}

double BlockFlow::total(const std::vector<double>& sums, int stripes) {
  double total = 0;
  for (auto round = sums.begin(); round != sums.end(); round += stripes) {
    total += std::accumulate(round, round + stripes, 0.0);
  }
  return total;
}

}  // namespace tusk
