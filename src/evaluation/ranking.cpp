#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tusk/error.hpp>
#include <tusk/ranking.hpp>

#include "evaluation/list_totals.hpp"
#include "evaluation/negatives.hpp"
#include "evaluation/ranked_list.hpp"
#include "evaluation/test_users.hpp"
#include "lists/candidates.hpp"
#include "lists/list_scorer.hpp"
#include "support/philox.hpp"

namespace tusk {
namespace {

using Policy = CandidatePolicy::Kind;

constexpr std::size_t kBatchUsers = 1024;  // bounds the memory of a batch

// Makes the lists of a policy.
class ListMaker {
 public:
  // Everything is borrowed.
  ListMaker(Device& device, const Model& model, std::span<const Index> catalogue,
            const RankingOptions& options)
      : model_(model),
        catalogue_(catalogue),
        options_(options),
        scorer_(device, model, options.order) {
    const MfState* const state = scorer_.dot_state();
    if (options.candidates.kind != Policy::all_unseen || state == nullptr) return;
    session_ = scorer_.open_session(catalogue, model.seen().view());
    if (state->factors == 0) common_.emplace(*state, catalogue);
  }

  // Lists for as many of the first of `users` as make a batch.
  std::vector<RankedList> next_batch(std::span<const TestUser> users) {
    users = users.first(std::min(users.size(), kBatchUsers));
    return session_ ? by_session(users) : by_scores(users);
  }

  // Where it is there, lists name the score of a tie, and not its items.
  const CommonOrder* common() const { return common_ ? &*common_ : nullptr; }

 private:
  // Asks for one item more than a list has, to see ties that reach beyond it.
  std::vector<RankedList> by_session(std::span<const TestUser> users) {
    std::vector<Index> user;
    for (const TestUser& test : users) user.push_back(test.user);
    const auto width = std::min(static_cast<std::size_t>(options_.k) + 1, catalogue_.size());
    const TopK top = session_->query(user, static_cast<int>(width));
    std::vector<RankedList> lists;
    for (std::size_t u = 0; u < users.size(); ++u) {
      const auto row = [&](const auto& all) { return std::span(all).subspan(u * width, width); };
      RankedList& list =
          lists.emplace_back(list_of_row(row(top.index), row(top.score), options_.k));
      if (list.tie && !common_) list.tied = unseen_with_score(user[u], *list.tie);
    }
    return lists;
  }

  std::vector<Index> unseen_with_score(Index user, float score) {
    std::vector<Index> items;
    append_unseen(catalogue_, model_.seen().view(), user, items);
    const auto scores = scorer_.scores(std::vector<Index>(items.size(), user), items);
    std::vector<Index> tied;
    for (std::size_t at = 0; at < items.size(); ++at) {
      if (scores[at] == score) tied.push_back(items[at]);
    }
    return tied;
  }

  std::vector<RankedList> by_scores(std::span<const TestUser> users) {
    PairBatch batch;
    for (const TestUser& test : users) {
      if (batch.is_full()) break;
      batch.add(test.user, [&](auto& items) { append_candidates(test, items); });
    }
    const auto scores = scorer_.scores(batch.user, batch.item);
    std::vector<RankedList> lists;
    batch.each([&](std::size_t first, std::size_t count) {
      lists.push_back(list_of_scores(std::span(batch.item).subspan(first, count),
                                     std::span(scores).subspan(first, count), options_.k));
    });
    return lists;
  }

  void append_candidates(const TestUser& test, std::vector<Index>& items) const {
    const CsrView seen = model_.seen().view();
    if (options_.candidates.kind == Policy::all_unseen) {
      append_unseen(catalogue_, seen, test.user, items);
      return;
    }
    if (options_.candidates.kind == Policy::rated_only) {
      items.insert(items.end(), test.rated.begin(), test.rated.end());
      return;
    }
    const auto row = seen.row(test.user);
    std::vector<Index> excluded;
    std::merge(row.begin(), row.end(), test.relevant.begin(), test.relevant.end(),
               std::back_inserter(excluded));
    RandomSequence random(options_.seed, random_stream(RandomUse::ranking_negatives,
                                                       static_cast<std::uint64_t>(test.user)));
    const auto drawn = draw_negatives(catalogue_, excluded, options_.candidates.negatives, random);
    items.insert(items.end(), drawn.begin(), drawn.end());
    items.insert(items.end(), test.relevant.begin(), test.relevant.end());
  }

  const Model& model_;
  std::span<const Index> catalogue_;  // ascends
  const RankingOptions& options_;
  ListScorer scorer_;
  std::unique_ptr<TopKSession> session_;  // of all unseen items by a dot product
  std::optional<CommonOrder> common_;     // of a model without factors
};

// Judges lists and adds them up.
class Judge {
 public:
  // Everything is borrowed.
  Judge(const Model& model, std::span<const std::int64_t> ratings, const CommonOrder* common, int k)
      : seen_(model.seen().view()), common_(common), k_(k), totals_(model, ratings, common) {}

  ListMetrics judge(const TestUser& user, const RankedList& list) {
    std::vector<TieGroup> groups = groups_of(list, user.relevant);
    totals_.add(list.item);
    if (list.tie) {
      const std::int64_t places = k_ - std::ssize(list.item);
      groups.push_back(common_ != nullptr ? range_of(user, *list.tie, places)
                                          : tie_of(user, list.tied, places));
      ++tied_users_;
    }
    return judge_list(groups, std::ssize(user.relevant) + user.missed, k_);
  }

  void report(RankingMetrics& metrics) const {
    metrics.tied_users = tied_users_;
    totals_.report(metrics);
  }

 private:
  TieGroup tie_of(const TestUser& user, std::span<const Index> tied, std::int64_t places) {
    totals_.add_tied(tied, places);
    return {std::ssize(tied), std::count_if(tied.begin(), tied.end(), [&](Index item) {
              return std::binary_search(user.relevant.begin(), user.relevant.end(), item);
            })};
  }

  TieGroup range_of(const TestUser& user, float score, std::int64_t places) {
    const CommonOrder::Range range = common_->with_score(user.user, score);
    const auto is_in = [&](Index item) { return range.holds(common_->place(item)); };
    const auto seen = seen_.row(user.user);
    std::vector<Index> excluded;
    std::copy_if(seen.begin(), seen.end(), std::back_inserter(excluded), is_in);
    totals_.add_range(range, excluded, places);
    return {static_cast<std::int64_t>(range.last - range.first) - std::ssize(excluded),
            std::count_if(user.relevant.begin(), user.relevant.end(), is_in)};
  }

  CsrView seen_;
  const CommonOrder* common_;
  int k_;
  ListTotals totals_;
  std::int64_t tied_users_ = 0;
};

}  // namespace

RankingMetrics evaluate_ranking(Device& device, const Model& model, const RatingList& test,
                                const RankingOptions& options, const Observer& observer) {
  check_ranking_options(options);
  RankingMetrics metrics;
  metrics.options = options;
  metrics.options.order.prior = resolved(options.order, model);
  const std::vector<TestUser> users = gather_test_users(model, test, metrics);
  const std::vector<std::int64_t> ratings = model.ratings_of_items();
  std::vector<Index> catalogue;
  for (Index item = 0; item < model.state().items; ++item) {
    if (model.knows_item(item)) catalogue.push_back(item);
  }
  metrics.catalogue = static_cast<Index>(catalogue.size());

  ListMaker maker(device, model, catalogue, options);
  Judge judge(model, ratings, maker.common(), options.k);
  for (std::size_t done = 0; done < users.size();) {
    backend_of(device).check_stop();
    for (const RankedList& list : maker.next_batch(std::span(users).subspan(done))) {
      const ListMetrics of_list = judge.judge(users[done++], list);
      for (const ListFigure& figure : kListFigures) {
        metrics.mean.*figure.value += of_list.*figure.value;
      }
    }
    observer.report(Work::ranking, static_cast<std::int64_t>(done), metrics.users);
    observer.check_stop();
  }
  for (const ListFigure& figure : kListFigures) {
    metrics.mean.*figure.value /= static_cast<double>(metrics.users);
  }
  judge.report(metrics);
  return metrics;
}

}  // namespace tusk
