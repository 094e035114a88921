#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/train.hpp>

#include "data/draw_labels.hpp"
#include "support/philox.hpp"
#include "train/bias_model.hpp"
#include "train/epoch_loop.hpp"
#include "train/knn_fit.hpp"
#include "train/rating_moments.hpp"
#include "train/train_options.hpp"

namespace tusk {
namespace {

// Set in the label of a rating that belongs to the inner hold-out.
constexpr Label kHeldOut = kMaxLabels;

// The labels with a random fraction of the ratings marked kHeldOut.
std::vector<Label> with_holdout(std::span<const Label> label, double fraction, std::uint64_t seed) {
  const auto ratings = static_cast<std::uint32_t>(label.size());
  const auto held = static_cast<std::uint32_t>(std::llround(fraction * ratings));
  RandomSequence random(seed, random_stream(RandomUse::holdout));
  const std::vector<Label> draw = draw_labels({ratings - held, held}, random);
  std::vector<Label> marked(label.begin(), label.end());
  for (std::size_t at = 0; at < marked.size(); ++at) {
    if (draw[at] == 1) marked[at] |= kHeldOut;
  }
  return marked;
}

// The labels of `part` with and without the mark.
struct Parts {
  LabelSet train;
  LabelSet holdout;
};

Parts divide(const LabelSet& part) {
  const LabelSet unmarked = part & (~LabelSet() >> kMaxLabels);
  return {unmarked, unmarked << kMaxLabels};
}

std::vector<MfParams> fit_params(const Dataset& data, std::span<const Label> label,
                                 std::span<const LabelSet> train, const TrainOptions& options) {
  std::vector<MfParams> params;
  for (const LabelSet& part : train) {
    params.push_back(mf_params(options.mf, rating_spread(data, label, part)));
    check_params(params.back());
  }
  return params;
}

// `label` is what with_holdout() gave.
std::vector<Parts> divide_all(const Dataset& data, std::span<const Label> label,
                              std::span<const LabelSet> train) {
  std::vector<Parts> parts;
  for (const LabelSet& part : train) {
    parts.push_back(divide(part));
    if (count_ratings(label, parts.back().train) == 0 ||
        count_ratings(label, parts.back().holdout) == 0) {
      throw InputError({data.source.string(), 0, 0},
                       "too few ratings for an inner hold-out of the training part",
                       "more ratings, or a number of --epochs without --early-stop");
    }
  }
  return parts;
}

std::vector<Parts> without_holdout(std::span<const LabelSet> train) {
  std::vector<Parts> parts;
  for (const LabelSet& part : train) parts.push_back({part, LabelSet()});
  return parts;
}

MfProblem make_problem(const Dataset& data, std::span<const Label> label,
                       const std::vector<MfParams>& params, const std::vector<Parts>& parts) {
  MfProblem problem{data.ratings(), label, data.scale, {}};
  for (std::size_t m = 0; m < parts.size(); ++m) {
    const auto& [part, holdout] = parts[m];
    problem.fits.push_back({params[m], part, holdout, mean_rating(data, label, part)});
  }
  return problem;
}

std::vector<FitResult> fit_mf(Backend& backend, const Dataset& data, std::span<const Label> label,
                              std::span<const LabelSet> train, const TrainOptions& options,
                              const TrainHooks& hooks) {
  const std::size_t models = train.size();
  std::vector<FitResult> results(models);
  EpochLoop loop{hooks, data.scale};
  const auto params = fit_params(data, label, train, options);
  for (std::size_t m = 0; m < models; ++m) {
    results[m].params = params[m];
    results[m].bits = backend.bits();
    loop.models.push_back({params[m], options.schedule, options.decay, options.epochs});
  }
  // Runs the epochs of `loop` and takes the states, unless they were interrupted and there are
  // better ones from before.
  const auto run = [&](std::span<const Label> labels, const std::vector<Parts>& parts) {
    const auto session = backend.open_mf(make_problem(data, labels, params, parts));
    const EpochOutcomes outcomes = run_epochs(*session, loop);
    for (std::size_t m = 0; m < models; ++m) {
      const EpochOutcome& outcome = outcomes.model[m];
      results[m].interrupted = outcomes.interrupted;
      if (outcomes.interrupted && results[m].epochs > 0) continue;
      results[m].state = session->state(m);
      results[m].epochs = loop.patience ? outcome.best : outcome.trained;
      results[m].ratings = outcome.ratings;
      results[m].refitted = loop.phase == Phase::fit && options.early_stopping.has_value();
      if (loop.patience) results[m].validation_rmse = outcome.validation_rmse;
    }
  };

  if (options.early_stopping) {
    const EarlyStopping& stop = *options.early_stopping;
    const auto labels = with_holdout(label, stop.holdout, options.mf.seed);
    loop.phase = Phase::select;
    loop.patience = stop.patience;
    run(labels, divide_all(data, labels, train));
    if (!stop.refit || results.front().interrupted) return results;
    for (std::size_t m = 0; m < models; ++m) loop.models[m].epochs = results[m].epochs;
    loop.patience.reset();
  }
  loop.phase = Phase::fit;
  try {
    run(label, without_holdout(train));
  } catch (const Interrupted&) {  // before the first epoch
    if (results.front().epochs == 0) throw;
    for (FitResult& result : results) result.interrupted = true;
  }
  return results;
}

void check(const Dataset& data, std::span<const Label> label, const TrainOptions& options) {
  check_options(options);
  if (std::ssize(label) != data.size() ||
      std::any_of(label.begin(), label.end(), [](Label l) { return l >= kMaxLabels; })) {
    throw UsageError(fmt::format("every rating needs a label below {}", kMaxLabels));
  }
}

}  // namespace

MfMemory plan_fit(Backend& backend, const Dataset& data, std::span<const Label> label,
                  std::span<const LabelSet> train, const TrainOptions& options) {
  check(data, label, options);
  if (options.model != ModelKind::mf) {
    throw UsageError("only matrix factorization (--model mf) has a plan of its memory");
  }
  const auto params = fit_params(data, label, train, options);
  if (!options.early_stopping) {
    return backend.plan_mf(make_problem(data, label, params, without_holdout(train)));
  }
  const auto labels = with_holdout(label, options.early_stopping->holdout, options.mf.seed);
  return backend.plan_mf(make_problem(data, labels, params, divide_all(data, labels, train)));
}

std::vector<FitResult> fit(Backend& backend, const Dataset& data, std::span<const Label> label,
                           std::span<const LabelSet> train, const TrainOptions& options,
                           const TrainHooks& hooks) {
  check(data, label, options);
  std::vector<FitResult> results;
  if (train.empty()) return results;
  if (options.model == ModelKind::mf) {
    return fit_mf(backend, data, label, train, options, hooks);
  }
  for (const LabelSet& part : train) {
    const float mean = mean_rating(data, label, part);
    FitResult result;
    result.ratings = count_ratings(label, part);
    const bool knn = is_knn(options.model);
    const KnnParams params =
        knn ? options.knn.value_or(default_knn_params(options.model)) : KnnParams();
    if (options.model == ModelKind::popular) {
      result.state = fit_popular(data, label, part, mean, options.bias.item_damping);
    } else if (options.model == ModelKind::bias || (knn && needs_baseline(params))) {
      result.state = fit_bias(data, label, part, mean, options.bias);
    } else {
      result.state = fit_mean(data, mean);
    }
    if (knn) {
      result.knn = fit_knn(backend, data, label, part, options.model, params, result.state, hooks);
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace tusk
