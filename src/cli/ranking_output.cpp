#include "cli/ranking_output.hpp"

#include <cmath>

#include <fmt/format.h>

#include "cli/interrupts.hpp"
#include "cli/metrics_output.hpp"
#include "cli/progress.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

struct UserCounts {
  std::int64_t users = 0;
  std::int64_t tied = 0;
};

UserCounts user_counts(std::span<const RankingMetrics> rankings) {
  UserCounts counts;
  for (const RankingMetrics& ranking : rankings) {
    counts.users += ranking.users;
    counts.tied += ranking.tied_users;
  }
  return counts;
}

std::string heading_row(const std::vector<RankingFigure>& row) {
  std::string text;
  for (const RankingFigure& figure : row) text += fmt::format("{:>11}", figure.heading);
  return text;
}

std::string value_row(const std::vector<RankingFigure>& row) {
  std::string text;
  for (const RankingFigure& figure : row) {
    text += std::isnan(figure.value) ? fmt::format("{:>11}", "-")
                                     : fmt::format("{:>11.{}f}", figure.value, figure.decimals);
  }
  return text;
}

}  // namespace

RankingMetrics judge_ranking(Console& console, Backend& backend, const Model& model,
                             const RatingList& test, const RankingOptions& options) {
  WorkProgress progress(console, "ranking");
  const RankingHooks hooks{
      [&](std::int64_t done, std::int64_t of) { progress.on_progress(done, of); }, &interrupted};
  RankingMetrics metrics = evaluate_ranking(backend, model, test, options, hooks);
  console.end_progress_line();
  note_ties(console, {&metrics, 1});
  return metrics;
}

void note_ties(const Console& console, std::span<const RankingMetrics> rankings) {
  const auto [users, tied] = user_counts(rankings);
  note_ties(console, tied, users,
            "the ranking's figures are expected values over all orders of tied items");
}

void note_ties(const Console& console, std::int64_t tied, std::int64_t lists,
               std::string_view consequence) {
  if (100 * tied <= lists) return;
  console.note(fmt::format("{} of {} end inside a tie, with items left out that score the same: {}",
                           tied, count_text(lists, "list"), consequence));
}

void print_ranking(const Console& console, const RankingMetrics& metrics) {
  console.print("ranking, {}: means over {} with relevant items", protocol_text(metrics.options),
                count_text(metrics.users, "user"));
  if (metrics.users == 0) return;
  const auto row = ranking_figures(metrics);
  console.print("{}", heading_row(row));
  console.print("{}", value_row(row));
}

void print_ranking_of_folds(const Console& console, std::span<const RankingMetrics> folds) {
  console.print("ranking, {}:", protocol_text(folds.front().options));
  console.print("{:<6}{:>10}{}", "fold", "users", heading_row(ranking_figures(folds.front())));
  for (std::size_t f = 0; f < folds.size(); ++f) {
    console.print("{:<6}{:>10}{}", f + 1, folds[f].users, value_row(ranking_figures(folds[f])));
  }
  console.print("{:<6}{:>10}{}", "mean", "", value_row(mean_figures(folds)));
  print_missing_folds(console, folds_with_lists(folds), std::ssize(folds), kLackLists);
}

}  // namespace tusk::cli
