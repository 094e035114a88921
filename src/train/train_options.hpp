// Checks and derived values of TrainOptions.
#pragma once

#include <tusk/train.hpp>

namespace tusk {

// Both throw UsageError, naming the option, for a value out of range.
void check_options(const TrainOptions& options);
void check_params(const MfParams& params);

// The factor on the learning rates in an epoch, from 1.
float schedule_factor(Schedule schedule, double decay, int epoch);

std::string_view to_string(Schedule schedule);

}  // namespace tusk
