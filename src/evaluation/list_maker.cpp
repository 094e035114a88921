#include "evaluation/list_maker.hpp"

#include <algorithm>
#include <iterator>

#include "evaluation/negatives.hpp"
#include "lists/candidates.hpp"
#include "support/philox.hpp"

namespace tusk {
namespace {

using Policy = CandidatePolicy::Kind;

constexpr std::size_t kBatchUsers = 1024;  // bounds the memory of a batch

}  // namespace

ListMaker::ListMaker(Device& device, const Model& model, const ListAudience& audience,
                     std::span<const Index> catalogue, const RankingOptions& options, int k)
    : seen_(audience.seen),
      catalogue_(catalogue),
      options_(options),
      k_(k),
      scorer_(device, model, options.order) {
  if (audience.folded) folded_ = scorer_.predictor().fold_in(*audience.folded);
  if (options.candidates.kind != Policy::all_unseen) return;
  if (scorer_.has_rows()) selector_.emplace(catalogue, model.state().items);
  const MfState* const state = scorer_.dot_state();
  if (folded_ || state == nullptr) return;
  session_ = scorer_.open_session(catalogue, seen_);
  if (state->factors == 0) common_.emplace(*state, catalogue);
}

std::vector<RankedList> ListMaker::next_batch(std::span<const TestUser> users) {
  users = users.first(std::min(users.size(), kBatchUsers));
  if (selector_) return by_rows(users);
  return session_ ? by_session(users) : by_scores(users);
}

std::vector<RankedList> ListMaker::by_rows(std::span<const TestUser> users) const {
  std::vector<Index> user;
  for (const TestUser& test : users) user.push_back(test.user);
  const auto width = std::min(static_cast<std::size_t>(k_) + 1, catalogue_.size());
  std::vector<RankedList> lists(users.size());
  scorer_.each_row(predictor(), user, [&](std::size_t u, std::span<float> scores) {
    std::vector<Index> item(width, kNone);
    std::vector<float> score(width);
    selector_->choose(scores, seen_.row(user[u]), item, score);
    RankedList& list = lists[u] = list_of_row(item, score, k_);
    if (!list.tie) return;
    for (const Index other : catalogue_) {
      if (scores[static_cast<std::size_t>(other)] == *list.tie) list.tied.push_back(other);
    }
  });
  return lists;
}

// Asks for one item more than a list has, to see ties that reach beyond it.
std::vector<RankedList> ListMaker::by_session(std::span<const TestUser> users) {
  std::vector<Index> user;
  for (const TestUser& test : users) user.push_back(test.user);
  const auto width = std::min(static_cast<std::size_t>(k_) + 1, catalogue_.size());
  const TopK top = session_->query(user, static_cast<int>(width));
  std::vector<RankedList> lists;
  for (std::size_t u = 0; u < users.size(); ++u) {
    const auto row = [&](const auto& all) { return std::span(all).subspan(u * width, width); };
    RankedList& list = lists.emplace_back(list_of_row(row(top.index), row(top.score), k_));
    if (list.tie && !common_) list.tied = unseen_with_score(user[u], *list.tie);
  }
  return lists;
}

std::vector<Index> ListMaker::unseen_with_score(Index user, float score) const {
  std::vector<Index> items;
  append_unseen(catalogue_, seen_, user, items);
  const auto all = scores(std::vector<Index>(items.size(), user), items);
  std::vector<Index> tied;
  for (std::size_t at = 0; at < items.size(); ++at) {
    if (all[at] == score) tied.push_back(items[at]);
  }
  return tied;
}

std::vector<RankedList> ListMaker::by_scores(std::span<const TestUser> users) {
  PairBatch batch;
  for (const TestUser& test : users) {
    if (batch.is_full()) break;
    batch.add(test.user, [&](auto& items) { append_candidates(test, items); });
  }
  const auto all = scores(batch.user, batch.item);
  std::vector<RankedList> lists;
  batch.each([&](std::size_t first, std::size_t count) {
    lists.push_back(list_of_scores(std::span(batch.item).subspan(first, count),
                                   std::span(all).subspan(first, count), k_));
  });
  return lists;
}

std::vector<float> ListMaker::scores(std::span<const Index> user,
                                     std::span<const Index> item) const {
  if (!folded_) return scorer_.scores(user, item);
  std::vector<float> scores;
  scores.reserve(user.size());
  for (const Prediction& prediction : scorer_.rank(*folded_, user, item)) {
    scores.push_back(prediction.score);
  }
  return scores;
}

void ListMaker::append_candidates(const TestUser& test, std::vector<Index>& items) const {
  if (options_.candidates.kind == Policy::all_unseen) {
    append_unseen(catalogue_, seen_, test.user, items);
    return;
  }
  if (options_.candidates.kind == Policy::rated_only) {
    items.insert(items.end(), test.rated.begin(), test.rated.end());
    return;
  }
  const auto row = seen_.row(test.user);
  std::vector<Index> excluded;
  std::merge(row.begin(), row.end(), test.relevant.begin(), test.relevant.end(),
             std::back_inserter(excluded));
  // A user may be folded in by items that have no training ratings.
  std::erase_if(excluded, [&](Index item) {
    return !std::binary_search(catalogue_.begin(), catalogue_.end(), item);
  });
  RandomSequence random(options_.seed, random_stream(RandomUse::ranking_negatives,
                                                     static_cast<std::uint64_t>(test.user)));
  const auto drawn = draw_negatives(catalogue_, excluded, options_.candidates.negatives, random);
  items.insert(items.end(), drawn.begin(), drawn.end());
  items.insert(items.end(), test.relevant.begin(), test.relevant.end());
}

}  // namespace tusk
