#include "cli/results_output.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tusk/figures.hpp>
#include <tusk/result_tables.hpp>
#include <tusk/text_grid.hpp>

#include "support/text.hpp"

namespace tusk::cli {

namespace {

Evidence evidence(std::size_t kind) { return static_cast<Evidence>(kind); }

}  // namespace

void print_missing_folds(const Console& console, std::int64_t with, std::int64_t of,
                         std::string_view lack) {
  if (with < of) console.print("means are over {} of {} folds; the others {}", with, of, lack);
}

void note_use_of_times(const Console& console, const Model& model, bool data_have_times) {
  if (!model.learned().uses_times()) return;
  console.note(data_have_times
                   ? "errors are of predictions that use the time of the rating that is predicted"
                   : "the data have no timestamps, which the model uses where it has them");
}

void print_metrics(const Console& console, const RatingMetrics& metrics) {
  if (!metrics.has_errors) return;
  const auto row = [&](std::string_view name, const ErrorSums& sums) {
    if (sums.count == 0) return;
    console.print("{:<12}{:>10}  {:<6}  {:<6}  {}", name, sums.count, error_text(sums.rmse()),
                  error_text(sums.mae()), error_text(sums.mse()));
  };
  console.print("{:<12}{:>10}  {:<6}  {:<6}  MSE", "evidence", "ratings", "RMSE", "MAE");
  for (std::size_t kind = 0; kind < metrics.by_evidence.size(); ++kind) {
    row(to_string(evidence(kind)), metrics.by_evidence[kind]);
  }
  row("all", metrics.all);
  const Calibration& calibration = metrics.calibration;
  if (calibration.count == 0) return;
  console.print("intervals of 50% hold {:.1f}% of the ratings, of 90% {:.1f}%; CRPS {}",
                100 * calibration.coverage_50(), 100 * calibration.coverage_90(),
                error_text(calibration.crps()));
}

namespace {

std::string heading_row(const std::vector<RankingFigure>& row) {
  std::string text;
  for (const RankingFigure& figure : row) text += fmt::format("{:>11}", figure.heading);
  return text;
}

std::string value_row(const std::vector<RankingFigure>& row) {
  std::string text;
  for (const RankingFigure& figure : row) {
    text += fmt::format("{:>11}", figure_text(figure));
  }
  return text;
}

}  // namespace

RankingMetrics judge_ranking(Console& console,
                             const std::function<RankingMetrics(const Observer&)>& judge) {
  const RankingMetrics metrics = with_ranking_progress(console, judge);
  note_ties(console, {&metrics, 1});
  return metrics;
}

void note_ties(const Console& console, std::span<const RankingMetrics> rankings) {
  std::int64_t users = 0;
  std::int64_t tied = 0;
  for (const RankingMetrics& ranking : rankings) {
    users += ranking.users;
    tied += ranking.tied_users;
  }
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
  if (metrics.users == 0) {
    console.print("no ranking: no user has a relevant rating that the model was not trained on");
    return;
  }
  console.print("ranking, {}: means over {} with relevant items", protocol_text(metrics),
                count_text(metrics.users, "user"));
  const auto print_figures = [&](const RankingMetrics& of_length) {
    const auto row = ranking_figures(of_length);
    console.print("{}", heading_row(row));
    console.print("{}", value_row(row));
  };
  print_figures(metrics);
  for (const RankingMetrics& other : metrics.others) print_figures(other);
}

namespace {

void print_folds_of_length(const Console& console, std::span<const RankingMetrics> folds) {
  console.print("{:<6}{:>10}{}", "fold", "users", heading_row(ranking_figures(folds.front())));
  for (std::size_t f = 0; f < folds.size(); ++f) {
    console.print("{:<6}{:>10}{}", f + 1, folds[f].users, value_row(ranking_figures(folds[f])));
  }
  console.print("{:<6}{:>10}{}", "mean", "", value_row(mean_figures(folds)));
}

}  // namespace

void print_ranking_of_folds(const Console& console, std::span<const RankingMetrics> folds) {
  console.print("ranking, {}:", protocol_text(folds.front()));
  print_folds_of_length(console, folds);
  for (std::size_t other = 0; other < folds.front().others.size(); ++other) {
    print_folds_of_length(console, others_of(folds, other));
  }
  print_missing_folds(console, folds_with_lists(folds), std::ssize(folds), kLackLists);
}

void print_search(const Console& console, std::string_view model, const SearchOutcome& outcome) {
  const auto trials = count_text(std::ssize(outcome.settings), "trial");
  console.print("{}: {}{} on {} ({}), in {:.1f} s", model,
                outcome.trials.size() < outcome.settings.size()
                    ? fmt::format("{} of ", outcome.trials.size())
                    : "",
                trials, count_text(std::ssize(outcome.folds.held_out), "fold"),
                outcome.folds.description, outcome.seconds);
  constexpr std::size_t kMostRows = 20;
  print_table(console, trial_table(outcome, kMostRows));
  if (outcome.ranked.size() > kMostRows) {
    console.print("     and {} more", outcome.ranked.size() - kMostRows);
  }
  const auto values = fold_values(outcome.metric, outcome.trial(0));
  const auto without =
      std::count_if(values.begin(), values.end(), [](double value) { return std::isnan(value); });
  print_missing_folds(console, std::ssize(values) - without, std::ssize(values), kLackLists);
  if (outcome.out_of_time) {
    console.print("the budget ended the search before it was through{}",
                  outcome.trial(0).cut ? "; what is best was still learning" : "");
  }
  if (outcome.ties() > 0) {
    console.print(
        "=  differs from the best by no more than the standard error of the difference "
        "over folds: {}",
        count_text(static_cast<std::int64_t>(outcome.ties()), "tie"));
  }
  if (outcome.diverged() > 0) {
    console.print("left out, because training diverged: {}",
                  count_text(static_cast<std::int64_t>(outcome.diverged()), "trial"));
  }
  const double best = outcome.ranked[0].score.mean;
  console.print(
      "selection score, not a test: {} {}, the mean over the folds that also chose the "
      "setting{}",
      to_string(outcome.metric), score_text(outcome.metric, best, best),
      outcome.folds.test.any() ? "" : " (--test measures it on ratings set aside)");
}

void print_test(const Console& console, const SearchOutcome& outcome) {
  if (!outcome.test) return;
  console.print("");
  console.print("test part, kept out of the whole search; the best setting, trained on all else:");
  print_metrics(console, *outcome.test);
  if (const auto score = outcome.fold_models_test_score()) {
    console.print(
        "{} of the folds' models on it: {}; they are trained on as few ratings as those behind "
        "the selection score",
        to_string(outcome.metric), score_text(outcome.metric, *score, *score));
  }
  if (outcome.test_ranking) print_ranking(console, *outcome.test_ranking);
}

void print_nested(const Console& console, const std::vector<SearchOutcome>& outcomes) {
  console.print("");
  print_table(console, nested_table(outcomes));
  const auto tested = std::count_if(outcomes.begin(), outcomes.end(),
                                    [](auto& of) { return !std::isnan(*of.test_score()); });
  print_missing_folds(console, tested, std::ssize(outcomes), kLackLists);
  console.event(nested_json(outcomes));
}

}  // namespace tusk::cli
