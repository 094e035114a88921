// The parameters of models that are trained epoch by epoch with early stopping.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tusk/models.hpp>

#include "models/parameter_table.hpp"

namespace tusk {

template <class Options>
void add_epochs(ParameterTable<Options>& table) {
  Parameter& epochs =
      table.add("epochs", TUSK_OPTION(epochs), from_to(1, kMostEpochs),
                "exact number of passes over the ratings; with {early-stop}, the largest");
  epochs.usual = fmt::format("at most {}", Options().most_epochs());
  epochs.aliases = {"n-epochs", "iterations"};
}

template <class Options>
void add_schedule(ParameterTable<Options>& table) {
  table.choose("schedule", TUSK_OPTION(schedule),
               std::vector{Schedule::constant, Schedule::inverse, Schedule::exponential},
               "learning rate in epoch t: constant, inverse (1 / (1 + decay (t - 1))) or "
               "exponential (decay ^ (t - 1))");
  table.add("decay", TUSK_OPTION(decay), from(0), "of the schedule").usual =
      "none: inverse and exponential need it";
}

template <class Options>
void add_early_stopping(ParameterTable<Options>& table) {
  const auto idle = [](const std::any& options) -> std::string {
    const bool stops = std::any_cast<const Options&>(options).patience() > 0;
    return stops ? "" : "has no effect without {early-stop}, which {epochs} turns off";
  };
  Parameter& early_stop = table.add(
      "early-stop", TUSK_OPTION(early_stop), from_to(0, std::numeric_limits<int>::max()),
      "stop when the error on the inner hold-out (in a search: on the folds) has not fallen for so "
      "many epochs; 0 never");
  early_stop.usual = fmt::format("{}, or 0 if {{epochs}} is given", Options().patience());
  Parameter& holdout = table.add("holdout", TUSK_OPTION(holdout), between(0, 1),
                                 "fraction of the training ratings in the inner hold-out");
  holdout.idle = idle;
  holdout.searchable = false;  // the folds of a search are the hold-out
  Parameter& after_stop = table.choose(
      "after-stop", TUSK_OPTION(after_stop), std::vector{AfterStop::refit, AfterStop::best},
      "refit: train anew on all training ratings for the epochs chosen; best: keep the best "
      "epoch's model");
  after_stop.idle = idle;
  after_stop.searchable = false;
}

// Throws ParameterError for a schedule without the decay that it needs, and the other way round.
inline void check_schedule(Schedule schedule, const std::optional<double>& decay) {
  if (schedule == Schedule::constant) {
    if (decay) {
      throw ParameterError("decay",
                           fmt::format("needs {} inverse or exponential", option_name("schedule")));
    }
  } else if (!decay) {
    throw ParameterError("schedule",
                         fmt::format("{} needs {}", to_string(schedule), option_name("decay")));
  } else if (schedule == Schedule::exponential && !(0 < *decay && *decay <= 1)) {
    throw ParameterError("decay", fmt::format("{}", *decay), "above 0 and at most 1");
  }
}

}  // namespace tusk
