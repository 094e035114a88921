#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tusk/figures.hpp>
#include <tusk/result_tables.hpp>
#include <tusk/search.hpp>

namespace tusk {
namespace {

void append(std::vector<std::string>& row, const std::vector<std::string>& more) {
  row.insert(row.end(), more.begin(), more.end());
}

std::vector<std::string> headings(const std::vector<RankingFigure>& figures) {
  std::vector<std::string> texts = {"users"};
  for (const RankingFigure& figure : figures) texts.push_back(figure.heading);
  return texts;
}

std::vector<std::string> texts_of(const std::vector<RankingFigure>& figures) {
  std::vector<std::string> texts;
  for (const RankingFigure& figure : figures) texts.push_back(figure_text(figure));
  return texts;
}

std::vector<RankingFigure> figures_of(const RankingMetrics& metrics) {
  return figures_of_all_lengths({&metrics, 1});
}

struct Spreads {
  std::vector<RankingFigure> mean;
  std::vector<RankingFigure> deviation;
};

// Over the folds that have a figure; empty without folds.
Spreads spreads_of(std::span<const RankingMetrics> folds) {
  Spreads spreads;
  if (folds.empty()) return spreads;
  spreads.mean = spreads.deviation = figures_of_all_lengths(folds);
  const auto count = static_cast<double>(folds_with_lists(folds));
  for (std::size_t f = 0; f < spreads.deviation.size(); ++f) {
    std::vector<double> values;
    for (const RankingMetrics& fold : folds) values.push_back(figures_of(fold)[f].value);
    const double standard_error = score(values).standard_error;
    spreads.deviation[f].value = count > 1 ? standard_error * std::sqrt(count) : std::nan("");
  }
  return spreads;
}

// The number of ratings and their errors; nothing where there are none.
std::vector<std::string> error_texts(const RatingMetrics& metrics) {
  if (!metrics.has_errors) return {};
  const ErrorSums& all = metrics.all;
  return {fmt::format("{}", all.count), error_text(all.rmse()), error_text(all.mae())};
}

std::vector<std::string> error_headings(const RatingMetrics& metrics) {
  if (!metrics.has_errors) return {};
  return {"ratings", "RMSE", "MAE"};
}

void append_headings(std::vector<std::string>& row) {
  for (const CalibrationFigure& figure : kCalibrationFigures) row.push_back(figure.heading);
}

void append_calibration(std::vector<std::string>& row, const Calibration& calibration) {
  for (const CalibrationFigure& figure : kCalibrationFigures) {
    row.push_back(calibration_text(figure, (calibration.*figure.value)()));
  }
}

}  // namespace

std::string figure_text(const RankingFigure& figure) {
  return std::isnan(figure.value) ? "-" : fmt::format("{:.{}f}", figure.value, figure.decimals);
}

std::vector<RankingFigure> figures_of_all_lengths(std::span<const RankingMetrics> folds) {
  const std::size_t others = folds.front().others.size();
  std::vector<RankingFigure> figures;
  const auto add = [&](std::span<const RankingMetrics> of_length) {
    for (RankingFigure& figure : mean_figures(of_length)) {
      if (others > 0 && figure.heading.find('@') == std::string::npos) {
        figure.heading += fmt::format("@{}", of_length.front().options.k);
      }
      figures.push_back(std::move(figure));
    }
  };
  add(folds);
  for (std::size_t other = 0; other < others; ++other) add(others_of(folds, other));
  return figures;
}

TextRows evaluation_table(const std::string& model, const RatingMetrics& metrics,
                          const std::optional<RankingMetrics>& ranking) {
  TextRows rows = {{"model"}, {model}};
  append(rows[0], error_headings(metrics));
  append(rows[1], error_texts(metrics));
  if (metrics.calibration.count > 0) {
    append_headings(rows[0]);
    append_calibration(rows[1], metrics.calibration);
  }
  if (ranking) {
    const auto figures = figures_of(*ranking);
    append(rows[0], headings(figures));
    rows[1].push_back(fmt::format("{}", ranking->users));
    append(rows[1], texts_of(figures));
  }
  return rows;
}

TextRows cross_validation_table(std::span<const FoldResult> folds) {
  const RatingMetrics& first = folds.front().metrics;
  const bool epochs = folds.front().epochs > 0;
  const std::vector<RankingMetrics> rankings = rankings_of(folds);
  TextRows rows = {{"fold"}};
  append(rows[0], error_headings(first));
  const bool calibrated = has_calibration(folds);
  if (calibrated) append_headings(rows[0]);
  if (epochs) rows[0].push_back("epochs");
  if (!rankings.empty()) append(rows[0], headings(figures_of(rankings.front())));
  for (std::size_t f = 0; f < folds.size(); ++f) {
    auto& row = rows.emplace_back();
    row = {fmt::format("{}", f + 1)};
    append(row, error_texts(folds[f].metrics));
    if (calibrated) append_calibration(row, folds[f].metrics.calibration);
    if (epochs) row.push_back(fmt::format("{}", folds[f].epochs));
    if (rankings.empty()) continue;
    row.push_back(fmt::format("{}", rankings[f].users));
    append(row, texts_of(figures_of(rankings[f])));
  }
  const Spread rmse = spread(folds, &ErrorSums::rmse);
  const Spread mae = spread(folds, &ErrorSums::mae);
  const Spreads lists = spreads_of(rankings);
  const auto add = [&](const char* name, double of_rmse, double of_mae,
                       const std::vector<RankingFigure>& figures) {
    auto& row = rows.emplace_back();
    row = {name};
    if (first.has_errors) {
      append(row, {"", error_text(of_rmse, rmse.mean), error_text(of_mae, mae.mean)});
    }
    if (calibrated) {
      for (const CalibrationFigure& figure : kCalibrationFigures) {
        row.push_back(row[0] == "mean" ? calibration_text(figure, mean_calibration(folds, figure))
                                       : "");
      }
    }
    if (epochs) row.push_back("");
    if (rankings.empty()) return;
    row.push_back("");
    append(row, texts_of(figures));
  };
  add("mean", rmse.mean, mae.mean, lists.mean);
  add("std", rmse.deviation, mae.deviation, lists.deviation);
  return rows;
}

}  // namespace tusk
