#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/search.hpp>

#include "support/text.hpp"
#include "train/fold_model.hpp"
#include "train/train_options.hpp"
#include "tune/mf_batch.hpp"
#include "tune/search_context.hpp"

namespace tusk {
namespace {

void check(std::span<const Candidate> candidates, std::span<const Trial> known, const Folds& folds,
           const SearchOptions& options) {
  for (const Candidate& candidate : candidates) {
    check_options(candidate.options);
    check_list_order(candidate.order, candidate.options.model);
    if (!options.halving) continue;
    if (candidate.options.model != ModelKind::mf || !candidate.options.early_stopping) {
      throw UsageError("halving is for matrix factorization whose number of epochs is sought");
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
        (!trial.folds.empty() && trial.folds.size() != folds.size())) {
      throw UsageError("a known trial is not one of this search");
    }
  }
}

void add_fits(MfProblem& problem, const SearchContext& context, std::span<const SearchRun> runs) {
  for (const SearchRun& run : runs) {
    const auto fits = fits_of(context, run);
    problem.fits.insert(problem.fits.end(), fits.begin(), fits.end());
  }
}

// How many runs share a session: with halving all of them.
std::size_t runs_at_once(const SearchContext& context, std::span<const SearchRun> runs,
                         MfTrainer trainer) {
  MfProblem problem = empty_problem(context, trainer);
  if (!context.options.halving) {
    const auto largest = std::max_element(runs.begin(), runs.end(), [](auto& a, auto& b) {
      return a.options.mf.factors < b.options.mf.factors;
    });
    problem.fits = fits_of(context, *largest);
    const auto models = static_cast<std::size_t>(context.backend.models_at_once(problem));
    return std::max<std::size_t>(1, models / context.folds.size());
  }
  add_fits(problem, context, runs);
  const MfMemory memory = context.backend.plan_mf(problem);
  if (memory.total() > memory.available) {
    throw UsageError(fmt::format(
        "halving keeps {} models in memory, which takes {}, and {} are available; search fewer "
        "settings or with fewer factors",
        problem.fits.size(), size_text(memory.total()), size_text(memory.available)));
  }
  return runs.size();
}

// The trainer of a search whose runs are `all`, however many of them are left: it is that of the
// first session of a search that begins.
MfTrainer trainer_of(const SearchContext& context, std::span<const SearchRun> all) {
  if (context.options.trainer != MfTrainer::automatic) return context.options.trainer;
  const std::size_t batch = runs_at_once(context, all, MfTrainer::automatic);
  MfProblem problem = empty_problem(context, MfTrainer::automatic);
  add_fits(problem, context, all.first(std::min(batch, all.size())));
  return context.backend.choose_trainer(problem);
}

// False if the search was stopped.
bool search_mf(SearchContext& context, std::span<const SearchRun> runs,
               std::span<const SearchRun> all) {
  if (runs.empty()) return true;
  const MfTrainer trainer = trainer_of(context, all);
  if (trainer != MfTrainer::automatic && context.hooks.on_trainer) {
    context.hooks.on_trainer(trainer);
  }
  const std::size_t batch = runs_at_once(context, runs, trainer);
  for (std::size_t first = 0; first < runs.size(); first += batch) {
    MfBatch trained(context, runs.subspan(first, std::min(batch, runs.size() - first)), trainer);
    if (!trained.train()) return false;
  }
  return true;
}

// The other models, one fold after another.
bool search_others(SearchContext& context, std::span<const SearchRun> runs) {
  const auto& [data, folds] = std::tie(context.data, context.folds);
  for (const SearchRun& run : runs) {
    std::vector<Trial> trials;
    for (const Watch& watch : run.watches) trials.push_back({watch.candidate, {}, 0, {}, {}});
    for (std::size_t f = 0; f < folds.size(); ++f) {
      context.report_progress(0, 0);
      if (context.stopped()) return false;
      const LabelSet part = folds.train(f);
      TrainHooks hooks;
      hooks.should_stop = context.hooks.should_stop;
      FitResult fitted = std::move(
          fit(context.backend, data, folds.label, {&part, 1}, run.options, hooks).front());
      const Model model = fold_model(data, folds, f, run.options.model, std::move(fitted.state),
                                     std::move(fitted.knn));
      const ErrorSums errors = evaluate(context.backend, model, context.held_out(f)).all;
      const auto lists = context.judge_lists(f, model, run.watches);
      for (std::size_t t = 0; t < trials.size(); ++t) {
        trials[t].folds.push_back({errors, lists[t]});
      }
    }
    context.add(std::move(trials));
  }
  return true;
}

}  // namespace

std::vector<Trial> search(Backend& backend, const Dataset& data, const Folds& folds,
                          std::span<const Candidate> candidates, std::span<const Trial> known,
                          const SearchOptions& options, const SearchHooks& hooks) {
  check(candidates, known, folds, options);
  SearchContext context(backend, data, folds, candidates, known, options, hooks);
  const auto is_mf = [](const SearchRun& run) { return run.options.model == ModelKind::mf; };
  std::vector<SearchRun> all = plan_runs(candidates, {});
  std::erase_if(all, [&](const SearchRun& run) { return !is_mf(run); });
  std::vector<SearchRun> mf = plan_runs(candidates, known);
  const auto others_begin = std::stable_partition(mf.begin(), mf.end(), is_mf);
  const std::vector<SearchRun> others(std::make_move_iterator(others_begin),
                                      std::make_move_iterator(mf.end()));
  mf.erase(others_begin, mf.end());
  for (const SearchRun& run : mf) fits_of(context, run);  // parameters are checked before all work
  try {
    if (search_mf(context, mf, all)) search_others(context, others);
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
