#include "evaluation/list_judge.hpp"

#include <algorithm>
#include <iterator>

namespace tusk {

void ListJudge::judge(const TestUser& user, const RankedList& whole) {
  const RankedList list = shortened(whole, k_);
  std::vector<TieGroup> groups = groups_of(list, user.relevant, user.gain);
  totals_.add(list.item);
  if (list.tie) {
    const std::int64_t places = k_ - std::ssize(list.item);
    groups.push_back(common_ != nullptr ? range_of(user, list, places)
                                        : tie_of(user, list, places));
    ++tied_users_;
  } else {
    diversity_.add(list.item);
  }
  const std::vector<double> gains = user.gains();
  judged_.push_back({user.user, std::ssize(gains), judge_list(groups, gains, k_)});
}

void ListJudge::report(RankingMetrics& metrics) const {
  metrics.options.k = k_;
  metrics.judged = judged_;
  metrics.tied_users = tied_users_;
  for (const ListFigure& figure : kListFigures) {
    double& mean = metrics.mean.*figure.value;
    for (const JudgedUser& user : judged_) mean += user.figures.*figure.value;
    mean /= static_cast<double>(judged_.size());
  }
  totals_.report(metrics);
  metrics.diversity = diversity_.mean();
}

TieGroup ListJudge::tie_of(const TestUser& user, const RankedList& list, std::int64_t places) {
  totals_.add_tied(list.tied, places);
  diversity_.add_tied(list.item, list.tied, places);
  TieGroup group{0, 0, 0};
  for (const Index item : list.tied) add_item(group, item, user.relevant, user.gain);
  return group;
}

TieGroup ListJudge::range_of(const TestUser& user, const RankedList& list, std::int64_t places) {
  const CommonOrder::Range range = common_->with_score(user.user, *list.tie);
  const auto is_in = [&](Index item) { return range.holds(common_->place(item)); };
  const auto seen = seen_.row(user.user);
  std::vector<Index> excluded;
  std::copy_if(seen.begin(), seen.end(), std::back_inserter(excluded), is_in);
  totals_.add_range(range, excluded, places);
  diversity_.add_range(list.item, range, excluded, places);
  TieGroup group{0, 0, 0};
  for (const Index item : user.relevant) {
    if (is_in(item)) add_item(group, item, user.relevant, user.gain);
  }
  group.items = static_cast<std::int64_t>(range.last - range.first) - std::ssize(excluded);
  return group;
}

}  // namespace tusk
