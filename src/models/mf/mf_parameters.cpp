#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <tusk/models.hpp>

#include "models/mf/mf.hpp"
#include "models/parameter_table.hpp"
#include "support/names.hpp"

namespace tusk {
namespace {

// A range from the default divided by `below` to the default times `above`.
auto around(float MfParams::*usual, double below, double above) {
  return [=](float spread) {
    const auto value = static_cast<double>(mf_params({}, spread).*usual);
    return fmt::format("{:.2g}..{:.2g}:log", value / below, value * above);
  };
}

std::string idle_without_biases(const std::any& options) {
  const bool biased = std::any_cast<const MfOptions&>(options).biased;
  return biased ? "" : "has no effect with {no-bias}";
}

std::string idle_without_early_stopping(const std::any& options) {
  const bool stops = std::any_cast<const MfOptions&>(options).patience() > 0;
  return stops ? "" : "has no effect without {early-stop}, which {epochs} turns off";
}

}  // namespace

std::vector<Parameter> mf_parameters() {
  ParameterTable<MfOptions> table("Matrix factorization");
  const auto add_sides = [&](const std::string& name, auto of_users, auto of_items) {
    const std::string usual = "as {" + name + "}";
    table.add("user-" + name, of_users, from(0), "of the user factors alone").usual = usual;
    table.add("item-" + name, of_items, from(0), "of the item factors alone").usual = usual;
  };
  Parameter& factors = table.add("factors", TUSK_OPTION(factors), from_to(1, kMostFactors),
                                 "length of the factor vectors");
  factors.search = [](float) { return std::string("64..400:log"); };
  factors.aliases = {"n-factors", "rank"};
  Parameter& epochs =
      table.add("epochs", TUSK_OPTION(epochs), from_to(1, kMostEpochs),
                "exact number of passes over the ratings; with {early-stop}, the largest");
  epochs.usual = fmt::format("at most {}", MfOptions().most_epochs());
  epochs.aliases = {"n-epochs", "iterations"};
  Parameter& learning_rate =
      table.add("learning-rate", TUSK_OPTION(learning_rate), from(0), "of the factors");
  learning_rate.usual = "0.0056 over the standard deviation of the ratings";
  learning_rate.search = around(&MfParams::user_learning_rate, 1.6, 2.5);
  learning_rate.aliases = {"lr", "lr-all"};
  add_sides("learning-rate", TUSK_OPTION(user_learning_rate), TUSK_OPTION(item_learning_rate));
  Parameter& regularization =
      table.add("regularization", TUSK_OPTION(regularization), from(0), "of the factors");
  regularization.usual = "0.053 times the standard deviation of the ratings";
  regularization.search = around(&MfParams::user_regularization, 1.5, 1.5);
  regularization.aliases = {"reg", "reg-all"};
  add_sides("regularization", TUSK_OPTION(user_regularization), TUSK_OPTION(item_regularization));
  Parameter& bias_rate =
      table.add("bias-learning-rate", TUSK_OPTION(bias_learning_rate), from(0), "of the biases");
  bias_rate.search = around(&MfParams::bias_learning_rate, 5, 2);
  bias_rate.idle = idle_without_biases;
  Parameter& bias_regularization =
      table.add("bias-regularization", TUSK_OPTION(bias_regularization), from(0), "of the biases");
  bias_regularization.search = around(&MfParams::bias_regularization, 5, 3);
  bias_regularization.idle = idle_without_biases;
  table.add("biased", TUSK_OPTION(biased), {}, "no user and item biases, factors only").off =
      "no-bias";
  Parameter& init_std = table.add("init-std", TUSK_OPTION(init_std), above(0),
                                  "standard deviation of the initial factors");
  init_std.usual = "0.0028 times the square root of the ratings' standard deviation";
  init_std.search = around(&MfParams::init_std, 3, 2);
  table.choose("schedule", TUSK_OPTION(schedule),
               std::vector{Schedule::constant, Schedule::inverse, Schedule::exponential},
               "learning rate in epoch t: constant, inverse (1 / (1 + decay (t - 1))) or "
               "exponential (decay ^ (t - 1))");
  table.add("decay", TUSK_OPTION(decay), from(0), "of the schedule").usual =
      "none: inverse and exponential need it";
  Parameter& early_stop = table.add(
      "early-stop", TUSK_OPTION(early_stop), from_to(0, std::numeric_limits<int>::max()),
      "stop when the error on the inner hold-out (in a search: on the folds) has not fallen for so "
      "many epochs; 0 never");
  early_stop.usual = fmt::format("{}, or 0 if {{epochs}} is given", MfOptions().patience());
  Parameter& holdout = table.add("holdout", TUSK_OPTION(holdout), between(0, 1),
                                 "fraction of the training ratings in the inner hold-out");
  holdout.idle = idle_without_early_stopping;
  holdout.searchable = false;  // the folds of a search are the hold-out
  Parameter& after_stop = table.choose(
      "after-stop", TUSK_OPTION(after_stop), std::vector{AfterStop::refit, AfterStop::best},
      "refit: train anew on all training ratings for the epochs chosen; best: keep the best "
      "epoch's model");
  after_stop.idle = idle_without_early_stopping;
  after_stop.searchable = false;
  return table.take();
}

MfParams mf_params(const MfOptions& options, float spread, std::uint64_t seed) {
  const auto first_of = [](std::initializer_list<std::optional<float>> given, float usual) {
    for (const auto& value : given) {
      if (value) return *value;
    }
    return usual;
  };
  MfParams params;
  params.factors = options.factors;
  params.biased = options.biased;
  params.user_learning_rate =
      first_of({options.user_learning_rate, options.learning_rate}, 0.0056f / spread);
  params.item_learning_rate =
      first_of({options.item_learning_rate, options.learning_rate}, 0.0056f / spread);
  params.bias_learning_rate = options.bias_learning_rate;
  params.user_regularization =
      first_of({options.user_regularization, options.regularization}, 0.053f * spread);
  params.item_regularization =
      first_of({options.item_regularization, options.regularization}, 0.053f * spread);
  params.bias_regularization = options.bias_regularization;
  params.init_std = options.init_std.value_or(0.0028f * std::sqrt(spread));
  params.seed = seed;
  return params;
}

void check_params(const MfParams& mf) {
  const auto finite = [](float value, const char* name) {
    if (!std::isfinite(value)) {
      throw ParameterError(name, fmt::format("{}", value), "a number from 0");
    }
  };
  finite(mf.user_learning_rate, "learning-rate");
  finite(mf.item_learning_rate, "learning-rate");
  finite(mf.user_regularization, "regularization");
  finite(mf.item_regularization, "regularization");
  finite(mf.init_std, "init-std");
  const auto keeps = [](float learning_rate, float regularization, const std::string& kind) {
    if (learning_rate * regularization < 1) return;
    throw ParameterError(
        kind + "learning-rate",
        fmt::format("times {} is {:g}; it must be below 1", option_name(kind + "regularization"),
                    static_cast<double>(learning_rate) * static_cast<double>(regularization)));
  };
  keeps(mf.user_learning_rate, mf.user_regularization, "");
  keeps(mf.item_learning_rate, mf.item_regularization, "");
  keeps(mf.bias_learning_rate, mf.bias_regularization, "bias-");
}

float schedule_factor(Schedule schedule, double decay, int epoch) {
  const double t = epoch - 1;
  switch (schedule) {
    case Schedule::constant:
      return 1;
    case Schedule::inverse:
      return static_cast<float>(1 / (1 + decay * t));
    case Schedule::exponential:
      return static_cast<float>(std::pow(decay, t));
  }
  return 1;
}

std::string_view to_string(Schedule schedule) {
  return name_of<Schedule, 3>({"constant", "inverse", "exponential"}, schedule);
}

std::string_view to_string(AfterStop after) {
  return name_of<AfterStop, 2>({"refit", "best"}, after);
}

}  // namespace tusk
