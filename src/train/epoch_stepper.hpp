// Trains the models of a session epoch by epoch, each by its own schedule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <tusk/models.hpp>

#include "backend/backend.hpp"

namespace tusk {

// Beyond this training error a model has diverged, though it may take some epochs more to reach
// infinity.
double largest_sane_error(RatingScale scale);

// The factor on the learning rates in an epoch, from 1.
float schedule_factor(Schedule schedule, double decay, int epoch);

struct ModelPlan {
  float learning_rate = 0;  // that is reported
  // The parameter that is most likely too high where training diverges, and its value.
  std::string_view largest_rate = "learning-rate";
  float rate = 0;
  Schedule schedule = Schedule::constant;
  double decay = 0;
  int epochs = 1;  // after which it is retired
};

// One epoch of one model.
struct ModelEpoch {
  std::size_t model = 0;
  int epoch = 0;   // from 1
  float rate = 1;  // the schedule's factor
  std::int64_t ratings = 0;
  double train_rmse = 0;  // of each rating just before its update, not clipped
  ErrorSums validation;   // nothing if that was not asked for
  bool diverged = false;
};

class EpochStepper {
 public:
  // Borrows the session. Ratings are of this scale.
  EpochStepper(EpochSession& session, std::vector<ModelPlan> models, RatingScale scale);

  bool done() const;                    // whether all models are retired
  int epoch() const { return epoch_; }  // the last
  // Until an active model has had its epochs.
  int epochs_left() const;

  // Trains every active model for `epochs` more epochs, 1 .. epochs_left(), and gives what came of
  // each, epoch by epoch, as long as this is not called again. Models that have had their epochs
  // are retired.
  using Epoch = std::vector<ModelEpoch>;
  const std::vector<Epoch>& step(int epochs, Validate validate);
  // That the last call took, validation included.
  double seconds_per_epoch() const { return seconds_per_epoch_; }

  void retire(std::size_t model);
  // Goes on after so many epochs, which the session has had.
  void go_on_after(int epochs);

 private:
  EpochSession& session_;
  std::vector<ModelPlan> models_;
  double largest_sane_error_;
  std::vector<bool> active_;
  std::vector<Epoch> stepped_;
  int epoch_ = 0;
  double seconds_per_epoch_ = 0;
};

}  // namespace tusk
