#include "train/epoch_fit.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "data/draw_labels.hpp"
#include "support/philox.hpp"
#include "train/epoch_loop.hpp"
#include "train/rating_moments.hpp"

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
TrainingPart divide(const LabelSet& part) {
  const LabelSet unmarked = part & (~LabelSet() >> kMaxLabels);
  return {unmarked, unmarked << kMaxLabels};
}

// `label` is what with_holdout() gave.
std::vector<TrainingPart> divide_all(const Dataset& data, std::span<const Label> label,
                                     std::span<const LabelSet> train) {
  std::vector<TrainingPart> parts;
  for (const LabelSet& part : train) {
    parts.push_back(divide(part));
    if (count_ratings(label, parts.back().train) == 0 ||
        count_ratings(label, parts.back().holdout) == 0) {
      throw InputError({data.source.string(), 0, 0},
                       "too few ratings for an inner hold-out of the training part",
                       fmt::format("more ratings, or a number of {} without {}",
                                   option_name("epochs"), option_name("early-stop")));
    }
  }
  return parts;
}

std::vector<TrainingPart> without_holdout(std::span<const LabelSet> train) {
  std::vector<TrainingPart> parts;
  for (const LabelSet& part : train) parts.push_back({part, LabelSet()});
  return parts;
}

// Trains models on the same data, in one phase or in two.
class Fitting {
 public:
  explicit Fitting(EpochFit fit) : fit_(std::move(fit)), results_(fit_.train.size()) {
    loop_.models = std::move(fit_.plans);
  }

  std::vector<FitResult> run() {
    const EpochLimits& limits = fit_.limits;
    const bool chosen = limits.patience > 0;
    if (chosen) choose_epochs();
    if (!chosen || (limits.after_stop == AfterStop::refit && !results_.front().interrupted)) {
      train_all();
    }
    for (FitResult& result : results_) {
      result.still_learning = chosen && result.epochs + limits.patience > limits.most;
    }
    return std::move(results_);
  }

 private:
  void choose_epochs() {
    const auto labels = with_holdout(fit_.context.label, fit_.limits.holdout, fit_.seed);
    const auto parts = divide_all(fit_.context.data, labels, fit_.train);
    loop_.phase = Phase::select;
    loop_.patience = fit_.limits.patience;
    run({labels, parts});
    for (std::size_t m = 0; m < results_.size(); ++m) loop_.models[m].epochs = results_[m].epochs;
    loop_.patience.reset();
  }

  void train_all() {
    const auto parts = without_holdout(fit_.train);
    loop_.phase = Phase::fit;
    try {
      run({fit_.context.label, parts});
    } catch (const Interrupted&) {  // before the first epoch
      if (results_.front().epochs == 0) throw;
      for (FitResult& result : results_) result.interrupted = true;
    }
  }

  // Runs the epochs of the loop and takes the states, unless they were interrupted and there are
  // better ones from before.
  void run(const TrainingParts& parts) {
    const auto session = fit_.open(parts);
    const EpochOutcomes outcomes = run_epochs(*session, loop_);
    for (std::size_t m = 0; m < results_.size(); ++m) {
      const EpochOutcome& outcome = outcomes.model[m];
      FitResult& result = results_[m];
      result.interrupted = outcomes.interrupted;
      if (outcomes.interrupted && result.epochs > 0) continue;
      const bool last = !loop_.patience || fit_.limits.after_stop == AfterStop::best;
      result.state = fit_.state(*session, m, parts, last && !outcomes.interrupted);
      result.epochs = loop_.patience ? outcome.best : outcome.trained;
      result.ratings = outcome.ratings;
      result.refitted = loop_.phase == Phase::fit && fit_.limits.patience > 0;
      if (loop_.patience) result.validation_rmse = outcome.validation_rmse;
    }
  }

  EpochFit fit_;
  std::vector<FitResult> results_;
  EpochLoop loop_{fit_.context.observer, fit_.context.data.scale};
};

}  // namespace

std::vector<FitResult> fit_epochs(EpochFit fit) { return Fitting(std::move(fit)).run(); }

void with_first_parts(const EpochFit& fit, const std::function<void(const TrainingParts&)>& use) {
  const FitContext& context = fit.context;
  if (fit.limits.patience == 0) {
    const auto parts = without_holdout(fit.train);
    use({context.label, parts});
  } else {
    const auto labels = with_holdout(context.label, fit.limits.holdout, fit.seed);
    const auto parts = divide_all(context.data, labels, fit.train);
    use({labels, parts});
  }
}

void describe_epochs(const EpochLimits& limits, FitResult& result) {
  const auto put = [&](const char* key, const auto& value) {
    result.metadata[key] = fmt::format("{}", value);
  };
  put("epochs", result.epochs);
  if (result.interrupted) put("interrupted", true);
  if (limits.patience > 0) {
    put("early_stop", limits.patience);
    put("holdout", limits.holdout);
    put("refit", result.refitted);
  }
  if (result.validation_rmse) put("validation_rmse", *result.validation_rmse);
}

}  // namespace tusk
