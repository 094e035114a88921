#include "cli/compare/comparison.hpp"

#include <algorithm>
#include <cmath>

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
  if (std::isnan(models.front().mean(metric))) {
    throw InputError(
        metric.of_lists()
            ? fmt::format("in no fold a user has a relevant rating, of {:g} or more, to judge "
                          "lists by",
                          ranking->relevance)
            : "no fold has a rating to be tested on");
  }
  std::stable_sort(models.begin(), models.end(),
                   [&](const ComparedModel& a, const ComparedModel& b) {
                     return metric.better(a.mean(metric), b.mean(metric));
                   });
  // The same folds of every model.
  const auto figures = [&](const ComparedModel& model) {
    std::vector<double> values = model.values(metric);
    std::erase_if(values, [](double value) { return std::isnan(value); });
    return values;
  };
  const auto best = figures(models.front());
  // Of a fold, on average.
  const double tested =
      static_cast<double>(models.front().all_folds().all.count) / static_cast<double>(folds.size());
  const double trained = static_cast<double>(folds.label.size()) - tested;
  std::vector<double> p;
  for (std::size_t m = 1; m < models.size(); ++m) {
    models[m].test = paired_test(figures(models[m]), best, tested / trained);
    p.push_back(models[m].test.p);
  }
  const auto adjusted = best.size() > 1 ? holm_adjusted(p) : p;
  for (std::size_t m = 1; m < models.size(); ++m) models[m].p = adjusted[m - 1];
}

}  // namespace tusk::cli
