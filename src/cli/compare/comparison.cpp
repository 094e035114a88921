#include "cli/compare/comparison.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk::cli {

RatingMetrics ComparedModel::all_folds() const {
  RatingMetrics all;
  for (const FoldResult& fold : folds) all += fold.metrics;
  return all;
}

std::vector<double> ComparedModel::values(const Metric& metric) const {
  std::vector<double> values;
  for (const FoldResult& fold : folds) {
    values.push_back(metric.of_lists() ? value_of(metric, fold.ranking->mean)
                                       : value_of(metric, fold.metrics.all));
  }
  return values;
}

void Comparison::order_and_test() {
  for (const FoldResult& fold : models.front().folds) {
    if (metric.of_lists() && fold.ranking->users == 0) {
      throw InputError(
          fmt::format("in a fold no user has a relevant rating, of {:g} or more, to judge lists by",
                      ranking->relevance));
    }
  }
  std::stable_sort(models.begin(), models.end(),
                   [&](const ComparedModel& a, const ComparedModel& b) {
                     return metric.better(a.mean(metric), b.mean(metric));
                   });
  const auto best = models.front().values(metric);
  // Of a fold, on average.
  const double tested =
      static_cast<double>(models.front().all_folds().all.count) / static_cast<double>(folds.size());
  const double trained = static_cast<double>(folds.label.size()) - tested;
  std::vector<double> p;
  for (std::size_t m = 1; m < models.size(); ++m) {
    models[m].test = paired_test(models[m].values(metric), best, tested / trained);
    p.push_back(models[m].test.p);
  }
  const auto adjusted = folds.size() > 1 ? holm_adjusted(p) : p;
  for (std::size_t m = 1; m < models.size(); ++m) models[m].p = adjusted[m - 1];
}

}  // namespace tusk::cli
