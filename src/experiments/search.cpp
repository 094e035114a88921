#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/search.hpp>

#include "models/algorithm.hpp"
#include "support/text.hpp"
#include "train/search_context.hpp"

namespace tusk {
namespace {

void check(bool lists_alone, std::span<const Candidate> candidates, std::span<const Trial> known,
           const Partition& folds, const SearchOptions& options) {
  for (const Candidate& candidate : candidates) {
    candidate.options.check();
    check_list_order(candidate.order, candidate.options.algorithm());
    check_metric(options.metric, candidate.options.algorithm(), lists_alone);
    if (!options.halving) continue;
    const bool has_epochs = candidate.options.algorithm().capabilities.has_epochs;
    if (!has_epochs || candidate.options.implementation().fixed_epochs(candidate.options)) {
      throw UsageError("halving is for models that are trained by epochs, without " +
                       option_name("epochs") + ", which gives their number");
    }
  }
  if (options.halving && options.metric.of_lists()) {
    throw UsageError("halving compares errors after some epochs: the metric must be rmse or mae");
  }
  RankingOptions ranking = options.ranking;
  ranking.k = options.metric.k;
  if (options.metric.of_lists()) check_ranking_options(ranking);
  for (const Trial& trial : known) {
    if (trial.candidate >= candidates.size() ||
        (!trial.folds.empty() && trial.folds.size() != folds.fold_count())) {
      throw UsageError("a known trial is not one of this search");
    }
  }
}

std::vector<SearchRun> runs_of(const std::vector<SearchRun>& runs, const Algorithm& algorithm) {
  std::vector<SearchRun> of;
  for (const SearchRun& run : runs) {
    if (&run.options.implementation() == &algorithm) of.push_back(run);
  }
  return of;
}

}  // namespace

std::vector<Trial> search(Device& device, const Dataset& data, const Partition& folds,
                          std::span<const Candidate> candidates, std::span<const Trial> known,
                          const SearchOptions& options, const OnTrials& on_trials,
                          const Observer& observer) {
  check(data.report.implicit || folds.fold_in.any(), candidates, known, folds, options);
  SearchContext context(backend_of(device), data, folds, candidates, known, options, on_trials,
                        observer);
  const std::vector<SearchRun> all = plan_runs(candidates, {});
  const std::vector<SearchRun> left = plan_runs(candidates, known);
  // What makes no sense is better known before all work.
  for (const Algorithm* algorithm : registered_algorithms()) {
    algorithm->check_runs(context, runs_of(left, *algorithm));
  }
  try {
    for (const Algorithm* algorithm : registered_algorithms()) {
      const std::vector<SearchRun> runs = runs_of(left, *algorithm);
      if (!runs.empty() && !algorithm->search(context, runs, runs_of(all, *algorithm))) break;
    }
  } catch (const Interrupted&) {  // while models were trained or measured
  }
  return context.trials();
}

std::vector<double> fold_values(const Metric& metric, const Trial& trial) {
  std::vector<double> values;
  for (const FoldScore& fold : trial.folds) {
    values.push_back(metric.of_lists() ? value_of(metric, fold.lists.value())
                                       : value_of(metric, fold.errors));
  }
  return values;
}

Score score(std::span<const double> values) {
  std::vector<double> figures(values.begin(), values.end());
  std::erase_if(figures, [](double value) { return std::isnan(value); });
  if (figures.empty()) return {std::nan(""), 0};
  const auto count = static_cast<double>(figures.size());
  Score score;
  for (const double value : figures) score.mean += value / count;
  if (figures.size() < 2) return score;
  double squares = 0;
  for (const double value : figures) squares += (value - score.mean) * (value - score.mean);
  score.standard_error = std::sqrt(squares / (count - 1) / count);
  return score;
}

std::vector<RankedTrial> rank_trials(const Metric& metric, std::span<const Trial> trials) {
  std::vector<RankedTrial> ranked;
  std::vector<std::vector<double>> values(trials.size());
  for (std::size_t t = 0; t < trials.size(); ++t) {
    if (trials[t].folds.empty()) continue;
    values[t] = fold_values(metric, trials[t]);
    ranked.push_back({t, score(values[t])});
  }
  std::stable_sort(ranked.begin(), ranked.end(), [&](const RankedTrial& a, const RankedTrial& b) {
    return metric.better(a.score.mean, b.score.mean);
  });
  for (std::size_t r = 1; r < ranked.size(); ++r) {
    std::vector<double> difference = values[ranked[r].trial];
    const auto& best = values[ranked.front().trial];
    for (std::size_t f = 0; f < difference.size(); ++f) difference[f] -= best[f];
    const auto [mean, standard_error] = score(difference);
    ranked[r].tie = std::abs(mean) <= standard_error;
  }
  return ranked;
}

}  // namespace tusk
