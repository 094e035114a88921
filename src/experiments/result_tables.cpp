#include <cmath>
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

// The deviations over the folds that have a figure.
std::vector<RankingFigure> deviations(std::span<const RankingMetrics> folds) {
  std::vector<RankingFigure> figures = mean_figures(folds);
  const auto count = static_cast<double>(folds_with_lists(folds));
  for (std::size_t f = 0; f < figures.size(); ++f) {
    std::vector<double> values;
    for (const RankingMetrics& fold : folds) values.push_back(ranking_figures(fold)[f].value);
    figures[f].value = count > 1 ? score(values).standard_error * std::sqrt(count) : std::nan("");
  }
  return figures;
}

}  // namespace

std::string figure_text(const RankingFigure& figure) {
  return std::isnan(figure.value) ? "-" : fmt::format("{:.{}f}", figure.value, figure.decimals);
}

TextRows evaluation_table(const std::string& model, const RatingMetrics& metrics,
                          const std::optional<RankingMetrics>& ranking) {
  TextRows rows = {{"model", "ratings", "RMSE", "MAE"},
                   {model, fmt::format("{}", metrics.all.count), error_text(metrics.all.rmse()),
                    error_text(metrics.all.mae())}};
  if (ranking) {
    const auto figures = ranking_figures(*ranking);
    append(rows[0], headings(figures));
    rows[1].push_back(fmt::format("{}", ranking->users));
    append(rows[1], texts_of(figures));
  }
  return rows;
}

TextRows cross_validation_table(std::span<const FoldResult> folds) {
  const bool epochs = folds.front().epochs > 0;
  const std::vector<RankingMetrics> rankings = rankings_of(folds);
  TextRows rows = {{"fold", "ratings", "RMSE", "MAE"}};
  if (epochs) rows[0].push_back("epochs");
  if (!rankings.empty()) append(rows[0], headings(ranking_figures(rankings.front())));
  for (std::size_t f = 0; f < folds.size(); ++f) {
    const ErrorSums& all = folds[f].metrics.all;
    auto& row = rows.emplace_back();
    row = {fmt::format("{}", f + 1), fmt::format("{}", all.count), error_text(all.rmse()),
           error_text(all.mae())};
    if (epochs) row.push_back(fmt::format("{}", folds[f].epochs));
    if (rankings.empty()) continue;
    row.push_back(fmt::format("{}", rankings[f].users));
    append(row, texts_of(ranking_figures(rankings[f])));
  }
  const Spread rmse = spread(folds, &ErrorSums::rmse);
  const Spread mae = spread(folds, &ErrorSums::mae);
  const auto add = [&](const char* name, double of_rmse, double of_mae,
                       const std::vector<RankingFigure>& figures) {
    auto& row = rows.emplace_back();
    row = {name, "", error_text(of_rmse, rmse.mean), error_text(of_mae, mae.mean)};
    if (epochs) row.push_back("");
    if (rankings.empty()) return;
    row.push_back("");
    append(row, texts_of(figures));
  };
  using Figures = std::vector<RankingFigure>;
  add("mean", rmse.mean, mae.mean, rankings.empty() ? Figures() : mean_figures(rankings));
  add("std", rmse.deviation, mae.deviation, rankings.empty() ? Figures() : deviations(rankings));
  return rows;
}

}  // namespace tusk
