#include "cli/comparison_output.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include <tusk/figures.hpp>
#include <tusk/text_grid.hpp>

#include "cli/metrics_output.hpp"
#include "cli/ranking_output.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

std::string p_text(double p) {
  if (std::isnan(p)) return "-";
  return p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", p);
}

}  // namespace

void report_models(const Console& console, const Comparison& comparison) {
  const auto& [metric, folds, ranking, models] = comparison;
  std::vector<std::vector<std::string>> rows = {{"model", "RMSE", "MAE"}};
  if (ranking) {
    for (const ListFigure& column : kListColumns) {
      rows[0].push_back(fmt::format("{}@{}", column.heading, ranking->k));
    }
  }
  rows[0].insert(rows[0].end(), {"difference", "p", "seconds"});
  for (std::size_t m = 0; m < models.size(); ++m) {
    const ComparedModel& model = models[m];
    console.event(model_json(comparison, m));
    const auto figure = [&](const Metric& of) {
      const double mean = model.mean(of);
      return score_text(of, mean, mean);
    };
    auto& row = rows.emplace_back();
    row = {model.label, figure({Metric::Kind::rmse}), figure({Metric::Kind::mae})};
    if (ranking) {
      for (const ListFigure& column : kListColumns)
        row.push_back(figure({Metric::Kind::lists, &column, ranking->k}));
    }
    const double difference = model.test.difference;
    row.push_back(m == 0 ? ""
                         : (difference < 0 ? "" : "+") +
                               score_text(metric, difference, models[0].mean(metric)));
    row.push_back(m == 0 ? "" : p_text(model.p));
    row.push_back(fmt::format("{:.1f}", model.seconds));
  }
  console.print(
      "means over {} ({}), best {} first:", count_text(std::ssize(folds.held_out), "fold"),
      folds.description, to_string(metric));
  for (const std::string& line : aligned(rows)) console.print("{}", line);
  if (ranking) {
    const auto lists = rankings_of(models.front().folds);
    print_missing_folds(console, folds_with_lists(lists), std::ssize(lists), kLackLists);
  }
  if (folds.size() < 2 || models.size() < 2) return;
  console.print(
      "difference in {} from the best; p of the corrected resampled t-test, adjusted by Holm's "
      "method",
      to_string(metric));
}

}  // namespace tusk::cli
