#include "cli/compare/comparison_output.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "cli/figures.hpp"
#include "cli/metrics_output.hpp"
#include "cli/ranking_output.hpp"
#include "cli/text_grid.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

// The figures of lists that have a column.
constexpr auto kListColumns = std::span(kListFigures).first<3>();

std::string p_text(double p) {
  if (std::isnan(p)) return "-";
  return p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", p);
}

Json model_json(const Comparison& comparison, std::size_t place) {
  const ComparedModel& model = comparison.models[place];
  const bool best = place == 0;
  Json json = {{"event", "model"},
               {"label", model.label},
               {"model", model.candidate.options.model()},
               {"rank", place + 1},
               {"rmse", model.mean({Metric::Kind::rmse})},
               {"mae", model.mean({Metric::Kind::mae})}};
  json["ranking"] = nullptr;
  if (comparison.ranking) {
    json["ranking"] = ranking_means_json(rankings_of(model.folds));
  }
  json["metric"] = to_string(comparison.metric);
  json["folds"] = model.values(comparison.metric);
  json["difference"] = best ? Json() : Json(model.test.difference);
  json["standard_error"] = best ? Json() : Json(model.test.standard_error);
  json["p"] = best || std::isnan(model.p) ? Json() : Json(model.p);
  json["seconds"] = model.seconds;
  return json;
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

std::string comparison_csv(const Comparison& comparison, Cells cells) {
  const auto& [metric, folds, ranking, models] = comparison;
  std::vector<std::string> header = {"rank", "label", "model", "rmse", "mae"};
  if (ranking) {
    for (const ListFigure& column : kListColumns) {
      header.push_back(to_string(Metric{Metric::Kind::lists, &column, ranking->k}));
    }
  }
  header.insert(header.end(), {"difference", "standard_error", "p", "seconds"});
  for (std::size_t f = 1; f <= folds.size(); ++f) header.push_back(fmt::format("fold_{}", f));
  std::string csv = csv_line(header, cells);
  const auto number = [](double value) {
    return std::isnan(value) ? std::string() : fmt::format("{}", value);
  };
  for (std::size_t m = 0; m < models.size(); ++m) {
    const ComparedModel& model = models[m];
    const auto of_test = [&](double value) { return m == 0 ? std::string() : number(value); };
    std::vector<std::string> row = {
        fmt::format("{}", m + 1), model.label, model.candidate.options.model(),
        number(model.mean({Metric::Kind::rmse})), number(model.mean({Metric::Kind::mae}))};
    if (ranking) {
      for (const ListFigure& column : kListColumns) {
        row.push_back(number(model.mean({Metric::Kind::lists, &column, ranking->k})));
      }
    }
    row.insert(row.end(), {of_test(model.test.difference), of_test(model.test.standard_error),
                           of_test(model.p), number(model.seconds)});
    for (const double value : model.values(metric)) row.push_back(number(value));
    csv += csv_line(row, cells);
  }
  return csv;
}

void fill_report(Report& report, const Comparison& comparison) {
  const auto& [metric, folds, ranking, models] = comparison;
  report.add_fact("folds", folds.description);
  report.add_fact("ordered by", to_string(metric));
  if (ranking) {
    report.add_fact("lists", fmt::format("top {}, relevant from {:g}, candidates {}", ranking->k,
                                         ranking->relevance, to_string(ranking->candidates)));
  }
  const ComparedModel& best = models.front();
  const auto [mean, standard_error] = score(best.values(metric));
  report.add_score(fmt::format("{}, {}", best.label, to_string(metric)), mean, standard_error,
                   "the best, mean over the folds");
  Json compared = {
      {"metric", to_string(metric)}, {"folds", folds.size()}, {"models", Json::array()}};
  std::vector<FoldSeries> series;
  for (std::size_t m = 0; m < models.size(); ++m) {
    compared["models"].push_back(model_json(comparison, m));
    series.push_back({models[m].label, models[m].values(metric)});
  }
  if (ranking) {
    for (const ListFigure& column : kListColumns) {
      compared["lists"].push_back({{"title", fmt::format("{}@{}", column.heading, ranking->k)},
                                   {"key", std::string(column.key)}});
    }
  }
  report.add_models(std::move(compared));
  report.add_fold_scores(metric, series);
  report.add_errors(fmt::format("the folds, by {}", best.label), best.all_folds());
}

}  // namespace tusk::cli
