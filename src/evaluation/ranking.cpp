#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include <tusk/error.hpp>
#include <tusk/ranking.hpp>

#include "evaluation/list_judge.hpp"
#include "evaluation/list_maker.hpp"
#include "evaluation/test_users.hpp"
#include "lists/candidates.hpp"
#include "lists/list_scorer.hpp"

namespace tusk {
namespace {

// Shows lists with tied items in the order in which lists are shown.
class ListShower {
 public:
  // Everything is borrowed; `common` may be null.
  ListShower(const CsrView& seen, std::span<const std::int64_t> ratings, const CommonOrder* common,
             int k)
      : seen_(seen), ratings_(ratings), common_(common), k_(k) {}

  void show(const TestUser& user, const RankedList& list,
            const std::function<void(const JudgedList&)>& on_list) const {
    std::vector<Index> item = list.item;
    std::vector<float> score = list.score;
    for (std::size_t first = 0; first < item.size();) {
      std::size_t last = first;
      while (last < item.size() && score[last] == score[first]) ++last;
      sort(std::span(item).subspan(first, last - first));
      first = last;
    }
    if (list.tie) {
      std::vector<Index> tied = common_ != nullptr ? items_with(user.user, *list.tie) : list.tied;
      sort(tied);
      tied.resize(static_cast<std::size_t>(k_) - item.size());
      item.insert(item.end(), tied.begin(), tied.end());
      score.resize(item.size(), *list.tie);
    }
    on_list({user.user, item, score});
  }

 private:
  std::vector<Index> items_with(Index user, float score) const {
    const CommonOrder::Range range = common_->with_score(user, score);
    std::vector<Index> items;
    append_unseen(common_->items().subspan(range.first, range.last - range.first), seen_, user,
                  items);
    return items;
  }

  void sort(std::span<Index> items) const {
    std::sort(items.begin(), items.end(), [&](Index a, Index b) {
      const auto of_a = ratings_[static_cast<std::size_t>(a)];
      const auto of_b = ratings_[static_cast<std::size_t>(b)];
      return of_a != of_b ? of_a > of_b : a < b;
    });
  }

  CsrView seen_;
  std::span<const std::int64_t> ratings_;
  const CommonOrder* common_;
  int k_;
};

RankingMetrics judge_lists(Device& device, const Model& model, const ListAudience& audience,
                           const RatingList& test, const RankingOptions& options,
                           const Observer& observer, const OnJudgedList& on_list) {
  check_ranking_options(options);
  RankingMetrics metrics;
  metrics.options = options;
  metrics.options.order.prior = resolved(options.order, model);
  metrics.rank_by = rank_by_text(options.order.by, model);
  if (!options.relevance && !model.of_weights()) {
    metrics.options.relevance = usual_relevance(model.scale());
  }
  const std::vector<TestUser> users = gather_test_users(model, audience.seen, test, metrics);
  const std::vector<std::int64_t> ratings = model.ratings_of_items();
  std::vector<Index> catalogue;
  for (Index item = 0; item < model.state().items; ++item) {
    if (model.knows_item(item)) catalogue.push_back(item);
  }
  metrics.catalogue = static_cast<Index>(catalogue.size());

  std::vector<int> lengths = {options.k};
  lengths.insert(lengths.end(), options.other_k.begin(), options.other_k.end());
  const int longest = *std::max_element(lengths.begin(), lengths.end());
  ListMaker maker(device, model, audience, catalogue, options, longest);
  const ListShower shower(audience.seen, ratings, maker.common(), longest);
  std::vector<ListJudge> judges;
  for (const int k : lengths) judges.emplace_back(model, audience.seen, ratings, maker.common(), k);
  for (std::size_t done = 0; done < users.size();) {
    backend_of(device).check_stop();
    for (const RankedList& list : maker.next_batch(std::span(users).subspan(done))) {
      const TestUser& user = users[done++];
      for (ListJudge& judge : judges) judge.judge(user, list);
      if (on_list) shower.show(user, list, on_list);
    }
    observer.report(Work::ranking, static_cast<std::int64_t>(done), metrics.users);
    observer.check_stop();
  }
  const RankingMetrics counts = metrics;
  judges.front().report(metrics);
  for (std::size_t other = 1; other < judges.size(); ++other) {
    judges[other].report(metrics.others.emplace_back(counts));
    metrics.others.back().options.other_k.clear();
  }
  return metrics;
}

}  // namespace

RankingMetrics evaluate_ranking(Device& device, const Model& model, const RatingList& test,
                                const RankingOptions& options, const Observer& observer,
                                const OnJudgedList& on_list) {
  return judge_lists(device, model, {model.seen().view()}, test, options, observer, on_list);
}

RankingMetrics evaluate_ranking_of_new_users(Device& device, const Model& model,
                                             const CsrView& fold_in, const RatingList& test,
                                             const RankingOptions& options,
                                             const Observer& observer,
                                             const OnJudgedList& on_list) {
  return judge_lists(device, model, {fold_in, fold_in}, test, options, observer, on_list);
}

RankingMetrics evaluate_ranking_of_part(Device& device, const Model& model, const Dataset& data,
                                        const HeldOutPart& part, const RankingOptions& options,
                                        const Observer& observer, const OnJudgedList& on_list) {
  if (part.fold_in.none()) {
    return evaluate_ranking(device, model, select_ratings(data, part.label, part.test), options,
                            observer, on_list);
  }
  const HeldOutUsers users = held_out_users(data, part.label, part.fold_in, part.test);
  RankingMetrics metrics = evaluate_ranking_of_new_users(device, model, users.fold_in.view(),
                                                         users.test, options, observer, on_list);
  const auto name_users = [&](RankingMetrics& of) {
    for (JudgedUser& user : of.judged) user.user = users.user[static_cast<std::size_t>(user.user)];
  };
  name_users(metrics);
  for (RankingMetrics& other : metrics.others) name_users(other);
  return metrics;
}

}  // namespace tusk
