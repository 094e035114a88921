// The loop over epochs: schedule, early stopping, divergence, reports. It is the same for every
// backend.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <tusk/train.hpp>

#include "backend/backend.hpp"
#include "train/checkpoint.hpp"
#include "train/epoch_stepper.hpp"

namespace tusk {

// Where the training of one model keeps what it goes on from.
struct EpochKeeper {
  const Checkpoint& file;
  TrainingState other;                     // that the file is to hold, too
  const TrainingState* resumed = nullptr;  // of the same phase, to go on from
};

struct EpochLoop {
  const Observer& observer;
  RatingScale scale;
  std::vector<ModelPlan> models = {};
  Phase phase = Phase::fit;
  // Stop a model when its validation error has not fallen for so many epochs, with a checkpoint
  // where it was lowest.
  std::optional<int> patience = {};
  std::optional<EpochKeeper> keeper = {};
  // That train the model together: each is asked whether to stop, and all stop if one says so.
  Communicator* processes = nullptr;
};

struct EpochOutcome {
  int trained = 0;                        // how many epochs
  std::int64_t ratings = 0;               // in each of them
  int best = 0;                           // the epoch with the lowest validation error
  std::optional<double> validation_rmse;  // that error; nothing without patience
};

struct EpochOutcomes {
  std::vector<EpochOutcome> model;
  bool interrupted = false;  // between epochs, or within one that is not counted
};

// Trains each model for its epochs or until its patience ends, and retires it then. Throws
// DivergedError.
EpochOutcomes run_epochs(EpochSession& session, const EpochLoop& loop);

}  // namespace tusk
