#include "train/epoch_loop.hpp"

#include <string>

#include <tusk/error.hpp>

namespace tusk {
namespace {

EpochReport report_of(const ModelEpoch& epoch, const EpochLoop& loop, double seconds) {
  const ModelPlan& plan = loop.models[epoch.model];
  EpochReport report;
  report.model = epoch.model;
  report.phase = loop.phase;
  report.epoch = epoch.epoch;
  report.epochs = plan.epochs;
  report.train_rmse = epoch.train_rmse;
  if (loop.patience) report.validation_rmse = epoch.validation.rmse();
  report.learning_rate = plan.learning_rate * epoch.rate;
  report.ratings_per_second = static_cast<double>(epoch.ratings) / seconds;
  report.seconds = seconds;
  return report;
}

}  // namespace

EpochOutcomes run_epochs(EpochSession& session, const EpochLoop& loop) {
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
        const ModelPlan& plan = loop.models[epoch.model];
        throw DivergedError(epoch.epoch, std::string(plan.largest_rate), plan.rate * epoch.rate);
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
