#include "train/epoch_fit.hpp"

#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "train/epoch_loop.hpp"

namespace tusk {
namespace {

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
    loop_.processes = fit_.context.data.processes.get();
  }

  std::vector<FitResult> run() {
    const EpochLimits& limits = fit_.limits;
    const bool chosen = limits.patience > 0;
    if (fit_.checkpoint) resumed_ = fit_.checkpoint->read();
    if (chosen && !has_chosen()) choose_epochs();
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
    keep({});
    run({labels, parts});
    for (std::size_t m = 0; m < results_.size(); ++m) loop_.models[m].epochs = results_[m].epochs;
    loop_.patience.reset();
  }

  void train_all() {
    const auto parts = without_holdout(fit_.train);
    loop_.phase = Phase::fit;
    TrainingState chosen;
    if (fit_.limits.patience > 0) {
      chosen.counts["chosen_epochs"] = {loop_.models.front().epochs};
      const double error[] = {*results_.front().validation_rmse};
      chosen.put("chosen_error", error);
    }
    keep(std::move(chosen));
    try {
      run({fit_.context.label, parts});
    } catch (const Interrupted&) {  // before the first epoch
      if (results_.front().epochs == 0) throw;
      for (FitResult& result : results_) result.interrupted = true;
    }
  }

  // Whether the checkpoint is of the second phase; then what the first one chose is taken from it.
  bool has_chosen() {
    if (!resumed_ || !resumed_->counts.contains("chosen_epochs")) return false;
    loop_.models.front().epochs = static_cast<int>(resumed_->counts_of("chosen_epochs", 1)[0]);
    results_.front().validation_rmse = resumed_->doubles("chosen_error").at(0);
    return true;
  }

  // A checkpoint is gone on from once: by the phase that it is of, which is the first to ask.
  void keep(TrainingState other) {
    if (!fit_.checkpoint) return;
    loop_.keeper.emplace(EpochKeeper{*fit_.checkpoint, std::move(other),
                                     resumed_ && !gone_on_ ? &*resumed_ : nullptr});
    gone_on_ = true;
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
  std::optional<TrainingState> resumed_;
  bool gone_on_ = false;
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
