#include "cpu/cpu_topk_session.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "backend/padded_lists.hpp"
#include "model/score.hpp"

namespace tusk {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// How many users go through the panels together, in whole groups: enough that reading the panels
// costs little beside the scoring, and no more than gives every thread a share.
std::size_t users_per_block(std::size_t users, int threads) {
  constexpr std::size_t kMostGroups = 20;
  const auto share = static_cast<std::size_t>(
      chunk_count(static_cast<std::int64_t>(users), static_cast<std::int64_t>(threads)));
  const std::size_t groups = (share + kGroupUsers - 1) / kGroupUsers;
  return std::clamp<std::size_t>(groups, 1, kMostGroups) * kGroupUsers;
}

}  // namespace

CpuTopKSession::CpuTopKSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                               const MfState& state, std::span<const Index> candidates,
                               CsrView exclude)
    : threads_(std::move(threads)),
      kernels_(kernels),
      state_(state),
      candidates_(candidates),
      exclude_(exclude),
      panels_(state, candidates, *threads_) {}

// The order of results: higher scores first, of equal ones the earlier candidate.
bool CpuTopKSession::better(const Scored& a, const Scored& b) {
  return a.score != b.score ? a.score > b.score : a.candidate < b.candidate;
}

TopK CpuTopKSession::query(std::span<const Index> rows, int k) {
  const auto width = static_cast<std::size_t>(k);
  TopK result = padded_lists(rows.size(), k);
  const std::size_t block_users = users_per_block(rows.size(), threads_->threads());
  const std::int64_t blocks =
      chunk_count(static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(block_users));
  std::vector<Block> of_thread(static_cast<std::size_t>(threads_->threads()));
  threads_->parallel_for(blocks, [&](std::int64_t b, int thread) {
    Block& block = of_thread[static_cast<std::size_t>(thread)];
    const std::size_t first = static_cast<std::size_t>(b) * block_users;
    const auto users = rows.subspan(first, std::min(block_users, rows.size() - first));
    load(block, users);
    find_best(block, users, width);
    for (std::size_t u = 0; u < users.size(); ++u) {
      const std::size_t begin = (first + u) * width;
      store(block.best[u], users[u], std::span(result.index).subspan(begin, width),
            std::span(result.score).subspan(begin, width));
    }
  });
  return result;
}

void CpuTopKSession::load(Block& block, std::span<const Index> rows) const {
  const auto factors = static_cast<std::size_t>(state_.factors);
  const std::size_t groups = (rows.size() + kGroupUsers - 1) / kGroupUsers;
  const std::size_t places = groups * kGroupUsers;
  block.users.assign(groups * factors, GroupRow());
  block.threshold.assign(places, kInfinity);  // nobody, unless filled below
  block.best.resize(places);
  block.passing.resize(places * kPanelItems);
  for (std::size_t u = 0; u < rows.size(); ++u) {
    block.threshold[u] = -kInfinity;
    block.best[u].clear();
    const auto user = static_cast<std::size_t>(rows[u]);
    GroupRow* const group = block.users.data() + u / kGroupUsers * factors;
    for (std::size_t f = 0; f < factors; ++f) {
      group[f].user[u % kGroupUsers] = state_.user_factors[user * factors + f];
    }
  }
}

void CpuTopKSession::find_best(Block& block, std::span<const Index> rows, std::size_t k) const {
  const auto groups = static_cast<int>(block.threshold.size() / kGroupUsers);
  for (std::size_t p = 0; p < panels_.size(); ++p) {
    threads_->check_stop();
    const std::size_t count =
        kernels_.score_panel(panels_.bias(p), panels_.items(p), block.users.data(), state_.factors,
                             groups, block.threshold.data(), block.passing.data());
    for (const Passing& passing : std::span(block.passing).first(count)) {
      const auto place = static_cast<std::size_t>(passing.user);
      const auto candidate = static_cast<Index>(p * kPanelItems) + passing.item;
      consider(block.best[place], block.threshold[place], {passing.score, candidate}, rows[place],
               k);
    }
  }
}

void CpuTopKSession::consider(Best& best, float& threshold, Scored candidate, Index user,
                              std::size_t k) const {
  // The threshold may have risen within the panel.
  if (!(candidate.score > threshold)) return;
  if (!exclude_.offset.empty()) {
    const auto excluded = exclude_.row(user);
    const Index item = candidates_[static_cast<std::size_t>(candidate.candidate)];
    if (std::binary_search(excluded.begin(), excluded.end(), item)) return;
  }
  if (best.size() == k) {
    std::pop_heap(best.begin(), best.end(), better);
    best.back() = candidate;
  } else {
    best.push_back(candidate);
  }
  std::push_heap(best.begin(), best.end(), better);
  // Candidates come in their order, so one that only ties comes too late.
  if (best.size() == k) threshold = best.front().score;
}

void CpuTopKSession::store(Best& best, Index user, std::span<Index> index,
                           std::span<float> scores) const {
  const auto item = [&](const Scored& scored) {
    return candidates_[static_cast<std::size_t>(scored.candidate)];
  };
  for (Scored& scored : best) scored.score = score(state_, user, item(scored));
  std::sort(best.begin(), best.end(), better);
  for (std::size_t r = 0; r < best.size(); ++r) {
    index[r] = item(best[r]);
    scores[r] = best[r].score;
  }
}

}  // namespace tusk
