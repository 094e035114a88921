#include "cpu/cpu_topk_session.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "backend/padded_lists.hpp"
#include "model/score.hpp"

namespace tusk {
namespace {

// Up to so many users are asked for by bytes, where items are many enough for it to save time.
constexpr std::size_t kFewUsers = 4;
constexpr std::size_t kManyScores = 100'000;  // factors times candidates

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
      exclude_(exclude) {}

// The order of results: higher scores first, of equal ones the earlier candidate.
bool CpuTopKSession::better(const Scored& a, const Scored& b) {
  return a.score != b.score ? a.score > b.score : a.candidate < b.candidate;
}

TopK CpuTopKSession::query(std::span<const Index> rows, int k) {
  return answer({vectors_of(state_), exclude_, rows}, k);
}

TopK CpuTopKSession::query_new(const UserVectors& users, CsrView exclude, int k) {
  std::vector<Index> rows(static_cast<std::size_t>(users.users));
  std::iota(rows.begin(), rows.end(), 0);
  return answer({users, exclude, rows}, k);
}

TopK CpuTopKSession::answer(const Asked& asked, int k) {
  const auto width = static_cast<std::size_t>(k);
  const std::size_t scores = candidates_.size() * static_cast<std::size_t>(state_.factors);
  // Long lists leave little out.
  const bool few =
      asked.rows.size() <= kFewUsers && scores >= kManyScores && width <= candidates_.size() / 16;
  return few ? answer_few(asked, width) : answer_many(asked, width);
}

TopK CpuTopKSession::answer_many(const Asked& asked, std::size_t k) {
  std::call_once(panels_once_, [&] { panels_.emplace(state_, candidates_, *threads_); });
  const auto rows = asked.rows;
  TopK result = padded_lists(rows.size(), static_cast<int>(k));
  const std::size_t block_users = users_per_block(rows.size(), threads_->threads());
  const std::int64_t blocks =
      chunk_count(static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(block_users));
  std::vector<Block> of_thread(static_cast<std::size_t>(threads_->threads()));
  threads_->parallel_for(blocks, [&](std::int64_t b, int thread) {
    Block& block = of_thread[static_cast<std::size_t>(thread)];
    const std::size_t first = static_cast<std::size_t>(b) * block_users;
    Asked part = asked;
    part.rows = rows.subspan(first, std::min(block_users, rows.size() - first));
    load(block, part);
    find_best(block, part, k);
    for (std::size_t u = 0; u < part.rows.size(); ++u) {
      const std::size_t begin = (first + u) * k;
      store(block.best[u], asked, part.rows[u], std::span(result.index).subspan(begin, k),
            std::span(result.score).subspan(begin, k));
    }
  });
  return result;
}

TopK CpuTopKSession::answer_few(const Asked& asked, std::size_t k) {
  std::call_once(bytes_once_, [&] { bytes_.emplace(kernels_, state_, candidates_, *threads_); });
  TopK result = padded_lists(asked.rows.size(), static_cast<int>(k));
  const auto factors = static_cast<std::size_t>(state_.factors);
  Block block;
  for (std::size_t u = 0; u < asked.rows.size(); ++u) {
    threads_->check_stop();
    Asked one = asked;
    one.rows = asked.rows.subspan(u, 1);
    const auto user = static_cast<std::size_t>(one.rows.front());
    const auto kept = bytes_->may_be_best(
        asked.users.factors.subspan(user * factors, factors), k, *threads_,
        [&](Index candidate) { return excluded(asked, one.rows.front(), candidate); });
    load(block, one);
    rescore(block, one, kept, k);
    store(block.best.front(), asked, one.rows.front(), std::span(result.index).subspan(u * k, k),
          std::span(result.score).subspan(u * k, k));
  }
  return result;
}

void CpuTopKSession::load(Block& block, const Asked& asked) const {
  const auto rows = asked.rows;
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
      group[f].user[u % kGroupUsers] = asked.users.factors[user * factors + f];
    }
  }
}

void CpuTopKSession::find_best(Block& block, const Asked& asked, std::size_t k) const {
  const auto groups = static_cast<int>(block.threshold.size() / kGroupUsers);
  for (std::size_t p = 0; p < panels_->size(); ++p) {
    threads_->check_stop();
    const std::size_t count =
        kernels_.score_panel(panels_->bias(p), panels_->items(p), block.users.data(),
                             state_.factors, groups, block.threshold.data(), block.passing.data());
    for (const Passing& passing : std::span(block.passing).first(count)) {
      const auto place = static_cast<std::size_t>(passing.user);
      const auto candidate = static_cast<Index>(p * kPanelItems) + passing.item;
      consider(block.best[place], block.threshold[place], {passing.score, candidate}, asked,
               asked.rows[place], k);
    }
  }
}

// Of one user, the candidates `kept` as find_best() would score them. They ascend.
void CpuTopKSession::rescore(Block& block, const Asked& asked, std::span<const Index> kept,
                             std::size_t k) const {
  std::vector<Index> items;
  for (const Index candidate : kept) {
    items.push_back(candidates_[static_cast<std::size_t>(candidate)]);
  }
  const ItemPanels panels(state_, items);
  for (std::size_t p = 0; p < panels.size(); ++p) {
    const std::size_t count =
        kernels_.score_panel(panels.bias(p), panels.items(p), block.users.data(), state_.factors, 1,
                             block.threshold.data(), block.passing.data());
    for (const Passing& passing : std::span(block.passing).first(count)) {
      const std::size_t place = p * kPanelItems + static_cast<std::size_t>(passing.item);
      consider(block.best.front(), block.threshold.front(), {passing.score, kept[place]}, asked,
               asked.rows.front(), k);
    }
  }
}

bool CpuTopKSession::excluded(const Asked& asked, Index user, Index candidate) const {
  if (asked.exclude.offset.empty()) return false;
  const auto row = asked.exclude.row(user);
  const Index item = candidates_[static_cast<std::size_t>(candidate)];
  return std::binary_search(row.begin(), row.end(), item);
}

void CpuTopKSession::consider(Best& best, float& threshold, Scored candidate, const Asked& asked,
                              Index user, std::size_t k) const {
  // The threshold may have risen within the panel.
  if (!(candidate.score > threshold)) return;
  if (excluded(asked, user, candidate.candidate)) return;
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

void CpuTopKSession::store(Best& best, const Asked& asked, Index user, std::span<Index> index,
                           std::span<float> scores) const {
  const auto item = [&](const Scored& scored) {
    return candidates_[static_cast<std::size_t>(scored.candidate)];
  };
  for (Scored& scored : best) {
    scored.score = score(state_, asked.users, user, item(scored));
  }
  std::sort(best.begin(), best.end(), better);
  for (std::size_t r = 0; r < best.size(); ++r) {
    index[r] = item(best[r]);
    scores[r] = best[r].score;
  }
}

}  // namespace tusk
