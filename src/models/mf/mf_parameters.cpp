#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tusk/models.hpp>

#include "models/adam_parameters.hpp"
#include "models/epoch_parameters.hpp"
#include "models/mf/mf.hpp"
#include "models/parameter_table.hpp"
#include "support/names.hpp"

namespace tusk {
namespace {

// A range from the default divided by `below` to the default times `above`.
auto around(float MfParams::*usual, double below, double above) {
  return [=](float spread, const std::any& options) {
    MfOptions defaults;
    defaults.optimizer = std::any_cast<const MfOptions&>(options).optimizer;
    const auto value = static_cast<double>(mf_params(defaults, spread).*usual);
    return fmt::format("{:.2g}..{:.2g}:log", value / below, value * above);
  };
}

bool is_by_sgd(const std::any& options) {
  return std::any_cast<const MfOptions&>(options).optimizer == Optimizer::sgd;
}

std::string idle_by_adam(const std::any& options) {
  return is_by_sgd(options) ? "" : "has no effect with {optimizer} adam and adamw";
}

std::string idle_by_sgd(const std::any& options) {
  return is_by_sgd(options) ? "has no effect without {optimizer} adam or adamw" : "";
}

std::string idle_without_biases(const std::any& options) {
  const bool biased = std::any_cast<const MfOptions&>(options).biased;
  return biased ? idle_by_adam(options) : "has no effect with {no-bias}";
}

}  // namespace

std::vector<Parameter> mf_parameters() {
  ParameterTable<MfOptions> table("Matrix factorization");
  const auto add_sides = [&](const std::string& name, auto of_users, auto of_items) {
    const std::string usual = "as {" + name + "}";
    const auto add_side = [&](const char* side, auto of_side) {
      Parameter& one = table.add(fmt::format("{}-{}", side, name), of_side, from(0),
                                 fmt::format("of the {} factors alone", side));
      one.usual = usual;
      one.idle = idle_by_adam;
    };
    add_side("user", of_users);
    add_side("item", of_items);
  };
  Parameter& factors = table.add("factors", TUSK_OPTION(factors), from_to(1, kMostFactors),
                                 "length of the factor vectors");
  factors.search = [](float, const std::any&) { return std::string("64..400:log"); };
  factors.aliases = {"n-factors", "rank"};
  add_epochs(table);
  add_optimizer(table, {Optimizer::sgd, Optimizer::adam, Optimizer::adamw},
                "sgd (a step after each rating), or in mini-batches adam (weight decay as a part "
                "of the gradient) or adamw (apart from it)");
  Parameter& learning_rate =
      table.add("learning-rate", TUSK_OPTION(learning_rate), from(0), "of the factors");
  learning_rate.usual =
      "0.0056 over the standard deviation of the ratings; by Adam 0.003 times its square root";
  learning_rate.search = around(&MfParams::user_learning_rate, 1.6, 2.5);
  learning_rate.aliases = {"lr", "lr-all"};
  add_sides("learning-rate", TUSK_OPTION(user_learning_rate), TUSK_OPTION(item_learning_rate));
  Parameter& regularization =
      table.add("regularization", TUSK_OPTION(regularization), from(0), "of the factors");
  regularization.usual = "0.053 times the standard deviation of the ratings";
  regularization.idle = idle_by_adam;
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
  add_adam(table, idle_by_sgd);
  table.add("biased", TUSK_OPTION(biased), {}, "no user and item biases, factors only").off =
      "no-bias";
  Parameter& init_std = table.add("init-std", TUSK_OPTION(init_std), above(0),
                                  "standard deviation of the initial factors");
  init_std.usual =
      "0.0028 times the square root of the ratings' standard deviation; by Adam 0.03 times it";
  init_std.search = around(&MfParams::init_std, 3, 2);
  add_schedule(table);
  add_early_stopping(table);
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
  params.seed = seed;
  const float root = std::sqrt(spread);
  if (options.optimizer != Optimizer::sgd) {
    params.user_learning_rate = options.learning_rate.value_or(0.003f * root);
    params.init_std = options.init_std.value_or(0.03f * root);
    params.adam = {options.weight_decay, options.optimizer == Optimizer::adamw, options.batch_size};
    return params;
  }
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
  params.init_std = options.init_std.value_or(0.0028f * root);
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
  if (mf.adam && mf.adam->decoupled) check_adamw(mf.user_learning_rate, mf.adam->weight_decay);
  keeps(mf.user_learning_rate, mf.user_regularization, "");
  keeps(mf.item_learning_rate, mf.item_regularization, "");
  keeps(mf.bias_learning_rate, mf.bias_regularization, "bias-");
}

ModelPlan plan_of(const MfOptions& options, const MfParams& params) {
  ModelPlan plan;
  plan.learning_rate = params.user_learning_rate;
  plan.rate = std::max(params.user_learning_rate, params.item_learning_rate);
  if (params.biased && params.bias_learning_rate > plan.rate) {
    plan.largest_rate = "bias-learning-rate";
    plan.rate = params.bias_learning_rate;
  }
  plan.schedule = options.schedule;
  plan.decay = options.decay.value_or(0);
  plan.epochs = options.most_epochs();
  return plan;
}

std::string_view to_string(Optimizer optimizer) {
  return name_of<Optimizer, 3>({"sgd", "adam", "adamw"}, optimizer);
}

std::string_view to_string(Schedule schedule) {
  return name_of<Schedule, 3>({"constant", "inverse", "exponential"}, schedule);
}

std::string_view to_string(AfterStop after) {
  return name_of<AfterStop, 2>({"refit", "best"}, after);
}

}  // namespace tusk
