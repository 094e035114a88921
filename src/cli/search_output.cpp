#include "cli/search_output.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/figures.hpp>
#include <tusk/text_grid.hpp>

#include "cli/metrics_output.hpp"
#include "cli/ranking_output.hpp"
#include "support/text.hpp"

namespace tusk::cli {
void print_search(const Console& console, std::string_view model, const SearchOutcome& outcome) {
  constexpr std::size_t kMostRows = 20;
  const auto trials = count_text(std::ssize(outcome.settings), "trial");
  console.print("{}: {}{} on {} ({}), in {:.1f} s", model,
                outcome.trials.size() < outcome.settings.size()
                    ? fmt::format("{} of ", outcome.trials.size())
                    : "",
                trials, count_text(std::ssize(outcome.folds.held_out), "fold"),
                outcome.folds.description, outcome.seconds);
  const bool epochs = outcome.trial(0).epochs > 0;
  const bool searched_epochs = std::find(outcome.parameters.begin(), outcome.parameters.end(),
                                         "epochs") != outcome.parameters.end();
  std::vector<std::vector<std::string>> rows = {{"", to_string(outcome.metric), "se"}};
  for (const std::string& parameter : outcome.parameters) rows[0].push_back(parameter);
  if (epochs && !searched_epochs) rows[0].push_back("epochs");
  const auto score_of = [&](double value) {
    return score_text(outcome.metric, value, outcome.ranked[0].score.mean);
  };
  const std::size_t shown = std::min(kMostRows, outcome.ranked.size());
  for (std::size_t rank = 0; rank < shown; ++rank) {
    const RankedTrial& ranked = outcome.ranked[rank];
    const Trial& trial = outcome.trial(rank);
    auto& row = rows.emplace_back();
    row.push_back(fmt::format("{:>3}{}", rank + 1, ranked.tie ? "=" : ""));
    row.push_back(score_of(ranked.score.mean));
    row.push_back(outcome.folds.size() > 1 ? score_of(ranked.score.standard_error) : "-");
    for (const std::string& parameter : outcome.parameters) {
      row.push_back(value_of(outcome.settings_of(trial), parameter).value_or("default"));
    }
    if (epochs && !searched_epochs) {
      row.push_back(fmt::format("{}{}", trial.epochs, trial.cut ? "+" : ""));
    }
  }
  for (const std::string& line : aligned(rows)) console.print("{}", line);
  if (shown < outcome.ranked.size()) {
    console.print("     and {} more", outcome.ranked.size() - shown);
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
  console.print(
      "selection score, not a test: {} {}, the mean over the folds that also chose the "
      "setting{}",
      to_string(outcome.metric), score_of(outcome.ranked[0].score.mean),
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
  std::vector<double> tests;
  std::vector<double> selection;
  const std::string metric = to_string(outcomes.front().metric);
  std::vector<std::vector<std::string>> rows = {
      {"test fold", "selection score", fmt::format("{} on it", metric)}};
  const auto add = [&](const std::string& name, double selected, double tested) {
    const Metric& of = outcomes.front().metric;
    rows.push_back({name, score_text(of, selected, selected), score_text(of, tested, tested)});
  };
  for (std::size_t part = 0; part < outcomes.size(); ++part) {
    tests.push_back(*outcomes[part].test_score());
    selection.push_back(outcomes[part].ranked[0].score.mean);
    add(fmt::format("{}", part + 1), selection.back(), tests.back());
  }
  add("mean", score(selection).mean, score(tests).mean);
  console.print("");
  for (const std::string& line : aligned(rows)) console.print("{}", line);
  const auto without =
      std::count_if(tests.begin(), tests.end(), [](double test) { return std::isnan(test); });
  print_missing_folds(console, std::ssize(tests) - without, std::ssize(tests), kLackLists);
  console.event({{"event", "nested"},
                 {"metric", metric},
                 {"selection_score", score(selection).mean},
                 {"test_score", score(tests).mean},
                 {"test_standard_error", score(tests).standard_error},
                 {"test_folds", tests}});
}

}  // namespace tusk::cli
