#include "train/epoch_loop.hpp"

#include <algorithm>

#include <tusk/error.hpp>

namespace tusk {
namespace {

// Names the rate that is most likely too high.
[[noreturn]] void throw_diverged(int epoch, const MfParams& params, float factor) {
  const float rate = std::max(params.user_learning_rate, params.item_learning_rate);
  if (params.biased && params.bias_learning_rate > rate) {
    throw DivergedError(epoch, "bias-learning-rate", params.bias_learning_rate * factor);
  }
  throw DivergedError(epoch, "learning-rate", rate * factor);
}

EpochReport report_of(const ModelEpoch& epoch, const EpochLoop& loop, double seconds) {
  const ModelPlan& plan = loop.models[epoch.model];
  EpochReport report;
  report.model = epoch.model;
  report.phase = loop.phase;
  report.epoch = epoch.epoch;
  report.epochs = plan.epochs;
  report.train_rmse = epoch.train_rmse;
  if (loop.patience) report.validation_rmse = epoch.validation.rmse();
  report.learning_rate = plan.params.user_learning_rate * epoch.rate;
  report.ratings_per_second = static_cast<double>(epoch.ratings) / seconds;
  report.seconds = seconds;
  return report;
}

}  // namespace

EpochOutcomes run_epochs(MfSession& session, const EpochLoop& loop) {
  EpochOutcomes outcomes{std::vector<EpochOutcome>(loop.models.size())};
  EpochStepper stepper(session, loop.models, loop.scale);
  std::vector<EpochReport> reports;
  while (!stepper.done()) {
    if (loop.observer.stops()) {
      outcomes.interrupted = true;
      break;
    }
    reports.clear();
    const std::vector<EpochStepper::Epoch>* stepped = nullptr;
    try {
      stepped = &stepper.step(1, loop.patience ? Validate::each : Validate::never);
    } catch (const Interrupted&) {
      outcomes.interrupted = true;
      break;
    }
    for (const ModelEpoch& epoch : stepped->front()) {
      if (epoch.diverged) {
        throw_diverged(epoch.epoch, loop.models[epoch.model].params, epoch.rate);
      }
      const EpochReport& report =
          reports.emplace_back(report_of(epoch, loop, stepper.seconds_per_epoch()));
      EpochOutcome& outcome = outcomes.model[epoch.model];
      outcome.trained = epoch.epoch;
      outcome.ratings = epoch.ratings;
      if (loop.patience &&
          (epoch.epoch == 1 || *report.validation_rmse < *outcome.validation_rmse)) {
        outcome.best = epoch.epoch;
        outcome.validation_rmse = report.validation_rmse;
        session.checkpoint(epoch.model);
      }
      if (loop.patience && epoch.epoch - outcome.best >= *loop.patience) {
        stepper.retire(epoch.model);
      }
    }
    loop.observer.report(reports);
  }
  return outcomes;
}

}  // namespace tusk
