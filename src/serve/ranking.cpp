#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <memory>
#include <span>
#include <vector>

#include <tusk/error.hpp>
#include <tusk/ranking.hpp>

#include "serve/best_items.hpp"
#include "serve/list_scorer.hpp"
#include "serve/negatives.hpp"
#include "serve/test_users.hpp"
#include "support/philox.hpp"

namespace tusk {
namespace {

using Kind = CandidatePolicy::Kind;
using List = std::vector<Index>;

// What bounds the memory of a batch.
constexpr std::size_t kBatchUsers = 1024;
constexpr std::size_t kBatchCandidates = std::size_t{1} << 20;

// Makes the lists of a policy.
class ListMaker {
 public:
  // Everything is borrowed.
  ListMaker(Backend& backend, const Model& model, const List& catalogue,
            const RankingOptions& options)
      : model_(model),
        catalogue_(catalogue),
        options_(options),
        scorer_(backend, model, options.order) {
    if (options.candidates.kind == Kind::all_unseen) {
      session_ = scorer_.open_session(catalogue, model.seen().view());
    }
  }

  // Lists for as many of the first of `users` as make a batch.
  std::vector<List> next_batch(std::span<const TestUser> users) {
    users = users.first(std::min(users.size(), kBatchUsers));
    return session_ ? of_all_unseen(users) : of_candidates(users);
  }

 private:
  std::vector<List> of_all_unseen(std::span<const TestUser> users) {
    List user;
    for (const TestUser& test : users) user.push_back(test.user);
    const auto width = std::min(static_cast<std::size_t>(options_.k), catalogue_.size());
    const TopK top = session_->query(user, static_cast<int>(width));
    std::vector<List> lists;
    for (std::size_t u = 0; u < users.size(); ++u) {
      const auto row = std::span(top.index).subspan(u * width, width);
      lists.emplace_back(row.begin(), std::find(row.begin(), row.end(), kNone));
    }
    return lists;
  }

  std::vector<List> of_candidates(std::span<const TestUser> users) {
    List user;
    List item;
    std::vector<std::size_t> end;
    for (const TestUser& test : users) {
      if (item.size() >= kBatchCandidates) break;
      const List candidates = candidates_of(test);
      item.insert(item.end(), candidates.begin(), candidates.end());
      user.resize(item.size(), test.user);
      end.push_back(item.size());
    }
    const auto scores = scorer_.scores(user, item);
    std::vector<List> lists(end.size());
    std::size_t begin = 0;
    for (std::size_t u = 0; u < end.size(); ++u) {
      const auto of_user = [&](const auto& all) {
        return std::span(all).subspan(begin, end[u] - begin);
      };
      for (const std::size_t place : best_items(of_user(item), of_user(scores), options_.k)) {
        lists[u].push_back(item[begin + place]);
      }
      begin = end[u];
    }
    return lists;
  }

  List candidates_of(const TestUser& test) const {
    if (options_.candidates.kind == Kind::rated_only) return test.rated;
    const auto seen = model_.seen().view().row(test.user);
    List excluded;
    std::merge(seen.begin(), seen.end(), test.relevant.begin(), test.relevant.end(),
               std::back_inserter(excluded));
    RandomSequence random(options_.seed, random_stream(RandomUse::ranking_negatives,
                                                       static_cast<std::uint64_t>(test.user)));
    List candidates = draw_negatives(catalogue_, excluded, options_.candidates.negatives, random);
    candidates.insert(candidates.end(), test.relevant.begin(), test.relevant.end());
    return candidates;
  }

  const Model& model_;
  const List& catalogue_;
  const RankingOptions& options_;
  ListScorer scorer_;
  std::unique_ptr<TopKSession> session_;  // of all unseen items
};

// Adds up what is said of all lists together.
class ListTotals {
 public:
  ListTotals(const Model& model, const std::vector<std::int64_t>& ratings_of_item)
      : ratings_of_item_(ratings_of_item), listed_(ratings_of_item.size(), false) {
    for (Index user = 0; user < model.state().users; ++user) {
      if (model.knows_user(user)) ++training_users_;
    }
  }

  void add(const List& list) {
    for (const Index item : list) {
      const auto i = static_cast<std::size_t>(item);
      const auto ratings = static_cast<double>(ratings_of_item_[i]);
      listed_[i] = true;
      ++listings_;
      popularity_ += ratings;
      novelty_ += std::log2(training_users_ / ratings);
    }
  }

  void report(RankingMetrics& metrics) const {
    metrics.coverage = static_cast<double>(std::count(listed_.begin(), listed_.end(), true)) /
                       static_cast<double>(metrics.catalogue);
    metrics.popularity = popularity_ / listings_;
    metrics.novelty = novelty_ / listings_;
  }

 private:
  const std::vector<std::int64_t>& ratings_of_item_;
  std::vector<bool> listed_;
  double training_users_ = 0;
  double listings_ = 0;
  double popularity_ = 0;
  double novelty_ = 0;
};

constexpr std::array<double ListMetrics::*, 6> kFigures = {
    &ListMetrics::precision,         &ListMetrics::recall,          &ListMetrics::ndcg,
    &ListMetrics::average_precision, &ListMetrics::reciprocal_rank, &ListMetrics::hit_rate};

}  // namespace

RankingMetrics evaluate_ranking(Backend& backend, const Model& model, const RatingList& test,
                                const RankingOptions& options, const RankingHooks& hooks) {
  check_ranking_options(options);
  RankingMetrics metrics;
  metrics.options = options;
  metrics.options.order.prior = resolved(options.order, model);
  const std::vector<TestUser> users = gather_test_users(model, test, metrics);
  std::vector<std::int64_t> ratings_of_item(static_cast<std::size_t>(model.state().items), 0);
  for (const Index item : model.seen().item) ++ratings_of_item[static_cast<std::size_t>(item)];
  List catalogue;
  for (Index item = 0; item < model.state().items; ++item) {
    if (model.knows_item(item)) catalogue.push_back(item);
  }
  metrics.catalogue = static_cast<Index>(catalogue.size());

  ListMaker maker(backend, model, catalogue, options);
  ListTotals totals(model, ratings_of_item);
  for (std::size_t done = 0; done < users.size();) {
    for (const List& list : maker.next_batch(std::span(users).subspan(done))) {
      const TestUser& user = users[done++];
      const ListMetrics of_list = judge_list(list, user.relevant, user.missed, options.k);
      for (const auto figure : kFigures) metrics.mean.*figure += of_list.*figure;
      totals.add(list);
    }
    if (hooks.on_progress) hooks.on_progress(static_cast<std::int64_t>(done), metrics.users);
    if (hooks.should_stop && hooks.should_stop()) throw Interrupted();
  }
  for (const auto figure : kFigures) metrics.mean.*figure /= static_cast<double>(metrics.users);
  totals.report(metrics);
  return metrics;
}

}  // namespace tusk
