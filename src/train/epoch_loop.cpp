#include "train/epoch_loop.hpp"

#include <string>

#include <tusk/error.hpp>

#include "distributed/collectives.hpp"

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

void go_on(const TrainingState& state, const EpochLoop& loop, EpochSession& session,
           EpochStepper& stepper, EpochOutcome& outcome) {
  session.restore(state);
  const auto& counts = state.counts_of("loop", 3);
  outcome.trained = static_cast<int>(counts[0]);
  outcome.ratings = counts[1];
  outcome.best = static_cast<int>(counts[2]);
  stepper.go_on_after(outcome.trained);
  if (!loop.patience) return;
  outcome.validation_rmse = state.doubles("loop_error").at(0);
  if (outcome.trained - outcome.best >= *loop.patience) stepper.retire(0);
}

void keep(const EpochKeeper& keeper, const EpochSession& session, const EpochOutcome& outcome) {
  TrainingState state = keeper.other;
  session.save(state);
  state.counts["loop"] = {outcome.trained, outcome.ratings, outcome.best};
  const double error[] = {outcome.validation_rmse.value_or(0)};
  state.put("loop_error", error);
  keeper.file.write(state);
}

}  // namespace

EpochOutcomes run_epochs(EpochSession& session, const EpochLoop& loop) {
  EpochOutcomes outcomes{std::vector<EpochOutcome>(loop.models.size())};
  EpochStepper stepper(session, loop.models, loop.scale);
  std::vector<EpochReport> reports;
  if (loop.keeper && loop.keeper->resumed != nullptr) {
    go_on(*loop.keeper->resumed, loop, session, stepper, outcomes.model.front());
  } else if (loop.keeper) {
    TrainingState none;
    session.save(none);  // throws before any work if it cannot
  }
  while (!stepper.done()) {
    if (sum_of_all(loop.processes, loop.observer.stops() ? 1 : 0) > 0) {
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
    if (loop.keeper && (stepper.done() || loop.keeper->file.is_due(stepper.epoch()))) {
      keep(*loop.keeper, session, outcomes.model.front());
    }
    loop.observer.report(reports);
  }
  return outcomes;
}

}  // namespace tusk
