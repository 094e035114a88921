#include "evaluation/list_totals.hpp"

#include <cmath>

namespace tusk {

ListTotals::ListTotals(const Model& model, std::span<const std::int64_t> ratings,
                       const CommonOrder* common)
    : ratings_(ratings),
      common_(common),
      listed_(ratings.size(), false),
      log_unlisted_(ratings.size(), 0) {
  for (Index user = 0; user < model.state().users; ++user) {
    if (model.knows_user(user)) ++training_users_;
  }
  if (common == nullptr) return;
  before_.resize(common->items().size() + 1);
  log_step_.resize(before_.size(), 0);
  for (std::size_t place = 0; place + 1 < before_.size(); ++place) {
    const Sums sums = of_item(common->items()[place]);
    before_[place + 1] = {before_[place].popularity + sums.popularity,
                          before_[place].novelty + sums.novelty};
  }
}

ListTotals::Sums ListTotals::of_item(Index item) const {
  const auto ratings = static_cast<double>(ratings_[static_cast<std::size_t>(item)]);
  return {ratings, std::log2(training_users_ / ratings)};
}

void ListTotals::add(std::span<const Index> items) {
  for (const Index item : items) {
    listed_[static_cast<std::size_t>(item)] = true;
    const Sums sums = of_item(item);
    ++listings_;
    total_.popularity += sums.popularity;
    total_.novelty += sums.novelty;
  }
}

void ListTotals::add_tied(std::span<const Index> items, std::int64_t places) {
  const auto count = static_cast<double>(items.size());
  const double log_left_out = std::log1p(-static_cast<double>(places) / count);
  Sums sums;
  for (const Index item : items) {
    log_unlisted_[static_cast<std::size_t>(item)] += log_left_out;
    const Sums of_this = of_item(item);
    sums.popularity += of_this.popularity;
    sums.novelty += of_this.novelty;
  }
  add_mean(sums, count, places);
}

void ListTotals::add_range(CommonOrder::Range range, std::span<const Index> excluded,
                           std::int64_t places) {
  const double count = static_cast<double>(range.last - range.first - excluded.size());
  const double log_left_out = std::log1p(-static_cast<double>(places) / count);
  Sums sums{before_[range.last].popularity - before_[range.first].popularity,
            before_[range.last].novelty - before_[range.first].novelty};
  log_step_[range.first] += log_left_out;
  log_step_[range.last] -= log_left_out;
  for (const Index item : excluded) {
    log_unlisted_[static_cast<std::size_t>(item)] -= log_left_out;
    const Sums of_this = of_item(item);
    sums.popularity -= of_this.popularity;
    sums.novelty -= of_this.novelty;
  }
  add_mean(sums, count, places);
}

void ListTotals::add_mean(const Sums& sums, double items, std::int64_t places) {
  const auto listings = static_cast<double>(places);
  listings_ += listings;
  total_.popularity += sums.popularity * (listings / items);
  total_.novelty += sums.novelty * (listings / items);
}

void ListTotals::report(RankingMetrics& metrics) const {
  std::vector<double> log_unlisted = log_unlisted_;
  double log_here = 0;
  for (std::size_t place = 0; place + 1 < log_step_.size(); ++place) {
    log_here += log_step_[place];
    log_unlisted[static_cast<std::size_t>(common_->items()[place])] += log_here;
  }
  double covered = 0;
  for (std::size_t item = 0; item < listed_.size(); ++item) {
    covered += listed_[item] ? 1 : -std::expm1(log_unlisted[item]);
  }
  metrics.coverage = covered / static_cast<double>(metrics.catalogue);
  metrics.popularity = total_.popularity / listings_;
  metrics.novelty = total_.novelty / listings_;
}

}  // namespace tusk
