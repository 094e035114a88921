#include "cli/search/search_report.hpp"

#include <fmt/format.h>

namespace tusk::cli {

void fill_report(Report& report, const std::vector<SearchOutcome>& outcomes) {
  const SearchOutcome& first = outcomes.front();
  const bool nested = outcomes.size() > 1;
  RatingMetrics errors;
  std::vector<double> selection;
  std::vector<double> tests;
  double seconds = 0;
  for (const SearchOutcome& outcome : outcomes) {
    report.add_search(outcome);
    selection.push_back(outcome.ranked[0].score.mean);
    seconds += outcome.seconds;
    if (outcome.test) {
      tests.push_back(*outcome.test_score());
      errors += *outcome.test;
    } else {
      for (const FoldResult& fold : outcome.best_folds) errors += fold.metrics;
    }
  }
  report.add_fact("folds", nested ? "each tested in turn" : first.folds.description);
  report.add_fact("chosen by", to_string(first.metric));
  report.add_fact("trials", fmt::format("{}", first.trials.size()));
  report.add_fact("search", fmt::format("{:.1f} s", seconds));

  const Score score_of_selection = nested ? score(selection) : first.ranked[0].score;
  report.add_score(fmt::format("selection score, {}", to_string(first.metric)),
                   score_of_selection.mean, score_of_selection.standard_error,
                   nested ? "mean over the searches" : "chosen as the best on these folds");
  if (!tests.empty()) {
    const Score score_of_tests = score(tests);
    report.add_score(fmt::format("{} on the test part", to_string(first.metric)),
                     score_of_tests.mean, score_of_tests.standard_error,
                     "of ratings kept out of the whole search");
  }
  if (const auto of_folds = first.fold_models_test_score(); of_folds && !nested) {
    report.add_score(fmt::format("{} of the folds' models on it", to_string(first.metric)),
                     *of_folds, 0, "trained on as few ratings as behind the selection score");
  }
  report.add_errors(first.test ? "the test part, by the best setting"
                               : "the folds that are held out, by the best setting",
                    errors);
}

}  // namespace tusk::cli
