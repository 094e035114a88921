#include "cli/training_options.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>

#include "cli/validators.hpp"

namespace tusk::cli {

void TrainingOptions::declare(CLI::App& app, For purpose) {
  if (purpose != For::comparison) {
    app.add_option("--model", model_, "mean, bias, mf, popular, user-knn or item-knn")
        ->capture_default_str()
        ->group("Model");
  }
  app.add_option("--seed", mf_.seed, "of everything random: split, hold-out, factors, order")
      ->check(seed_number())
      ->capture_default_str()
      ->group("Model");

  const auto mf = [&](const char* name, auto& value, const std::string& help) {
    CLI::Option* option =
        app.add_option(name, value, help)->group("Matrix factorization (--model mf)");
    of_models_.push_back({option, {ModelKind::mf}});
    return option;
  };
  const EarlyStopping stop;
  const bool search = purpose == For::search;
  mf("--factors", mf_.factors, "length of the factor vectors")
      ->check(whole_number(1, kMostFactors))
      ->capture_default_str();
  mf("--epochs", epochs_,
     fmt::format("train for exactly so many; with --early-stop, for at most so many (default: at "
                 "most {})",
                 TrainOptions().epochs))
      ->check(whole_number(1, kMostEpochs));
  mf("--learning-rate", learning_rate_,
     "of the factors (default: 0.0056 over the standard deviation of the ratings)")
      ->check(number_from(0));
  mf("--user-learning-rate", mf_.user_learning_rate, "of the user factors alone")
      ->check(number_from(0));
  mf("--item-learning-rate", mf_.item_learning_rate, "of the item factors alone")
      ->check(number_from(0));
  of_biases_.push_back(mf("--bias-learning-rate", mf_.bias_learning_rate, "of the biases")
                           ->check(number_from(0))
                           ->capture_default_str());
  mf("--regularization", regularization_,
     "of the factors (default: 0.053 times the standard deviation of the ratings)")
      ->check(number_from(0));
  mf("--user-regularization", mf_.user_regularization, "of the user factors alone")
      ->check(number_from(0));
  mf("--item-regularization", mf_.item_regularization, "of the item factors alone")
      ->check(number_from(0));
  of_biases_.push_back(mf("--bias-regularization", mf_.bias_regularization, "of the biases")
                           ->check(number_from(0))
                           ->capture_default_str());
  CLI::Option* no_bias =
      app.add_flag("--no-bias", no_bias_, "no user and item biases, factors only");
  no_bias->group("Matrix factorization (--model mf)");
  of_models_.push_back({no_bias, {ModelKind::mf}});
  mf("--init-std", mf_.init_std,
     "standard deviation of the initial factors (default: 0.0028 times the square root of the "
     "ratings' standard deviation)")
      ->check(number_above(0));
  mf("--schedule", schedule_,
     "learning rate in epoch t: constant, inverse (1 / (1 + decay (t - 1))) or exponential "
     "(decay ^ (t - 1))")
      ->check(one_of({"constant", "inverse", "exponential"}))
      ->capture_default_str();
  mf("--decay", decay_, "of the schedule")->check(number_from(0));
  mf("--early-stop", early_stop_,
     fmt::format("stop when the error on the {} has not fallen for so many epochs; 0 never "
                 "(default: {}, or 0 if --epochs is given)",
                 search ? "folds" : "inner hold-out", stop.patience))
      ->check(whole_number(0, std::numeric_limits<int>::max()));
  if (!search) {
    of_early_stopping_ = {
        mf("--holdout", holdout_,
           fmt::format("fraction of the training ratings in the inner hold-out (default: {})",
                       stop.holdout))
            ->check(number_between(0, 1)),
        mf("--after-stop", after_stop_,
           "refit on all training ratings for the epochs chosen, or keep the best epoch's model: "
           "refit, best (default: refit)")
            ->check(one_of({"refit", "best"}))};
  }

  const auto damping = [&](const char* name, float& value, std::vector<ModelKind> models,
                           const char* help) {
    CLI::Option* option =
        app.add_option(name, value, help)->check(number_from(0))->capture_default_str();
    option->group("Damped means (--model bias, popular, user-knn, item-knn)");
    of_dampings_.push_back(option);
    of_models_.push_back({option, std::move(models)});
  };
  damping("--user-damping", bias_.user_damping,
          {ModelKind::bias, ModelKind::user_knn, ModelKind::item_knn},
          "average ratings added to each user's (not of --model popular)");
  damping("--item-damping", bias_.item_damping,
          {ModelKind::bias, ModelKind::popular, ModelKind::user_knn, ModelKind::item_knn},
          "average ratings added to each item's");
  knn_.declare(app);
  for (const CLI::Option* option : knn_.declared()) {
    of_models_.push_back({option, {ModelKind::user_knn, ModelKind::item_knn}});
  }
}

bool TrainingOptions::concerns(const CLI::Option* option, ModelKind kind) const {
  for (const auto& [own, models] : of_models_) {
    if (own != option) continue;
    return std::find(models.begin(), models.end(), kind) != models.end();
  }
  return true;
}

int TrainingOptions::patience() const {
  return early_stop_.value_or(epochs_ ? 0 : EarlyStopping().patience);
}

void TrainingOptions::check_given(const GivenOptions& given) const {
  const ModelKind kind = parse_model_kind(model_);
  const auto refuse = [&](const CLI::Option* option, const std::string& why) {
    if (given.contains(option)) throw UsageError(option->get_name() + why);
  };
  for (const auto& [option, models] : of_models_) {
    if (std::find(models.begin(), models.end(), kind) != models.end()) continue;
    std::vector<std::string_view> names;
    for (const ModelKind model : models) names.push_back(to_string(model));
    refuse(option, fmt::format(" is an option of --model {}, not of --model {}",
                               fmt::join(names, " or "), model_));
  }
  if (is_knn(kind) && !needs_baseline(knn_.params(kind))) {
    for (const CLI::Option* option : of_dampings_) {
      refuse(option, " has no effect without a baseline, in --centring or --similarity");
    }
  }
  for (const CLI::Option* option : of_biases_) {
    if (no_bias_) refuse(option, " has no effect with --no-bias");
  }
  for (const CLI::Option* option : of_early_stopping_) {
    if (patience() == 0)
      refuse(option, " has no effect without --early-stop, which --epochs turns off");
  }
}

TrainOptions TrainingOptions::options() const {
  TrainOptions options;
  options.model = parse_model_kind(model_);
  options.bias = bias_;
  if (is_knn(options.model)) options.knn = knn_.params(options.model);
  options.mf = mf_;
  options.mf.biased = !no_bias_;
  const auto fall_back = [](std::optional<float>& value, const std::optional<float>& shared) {
    if (!value) value = shared;
  };
  fall_back(options.mf.user_learning_rate, learning_rate_);
  fall_back(options.mf.item_learning_rate, learning_rate_);
  fall_back(options.mf.user_regularization, regularization_);
  fall_back(options.mf.item_regularization, regularization_);
  if (schedule_ == "inverse") options.schedule = Schedule::inverse;
  if (schedule_ == "exponential") options.schedule = Schedule::exponential;
  if (options.schedule != Schedule::constant && !decay_) {
    throw UsageError(fmt::format("--schedule {} needs --decay", schedule_));
  }
  if (options.schedule == Schedule::constant && decay_) {
    throw UsageError("--decay needs --schedule inverse or exponential");
  }
  options.decay = decay_.value_or(0);
  options.epochs = epochs_.value_or(options.epochs);
  options.early_stopping.reset();
  if (patience() > 0) {
    const EarlyStopping defaults;
    options.early_stopping = {patience(), holdout_.value_or(defaults.holdout),
                              after_stop_.value_or("refit") == "refit"};
  }
  return options;
}

void warn_of_cap(const Console& console, const TrainOptions& options, int best_epoch) {
  if (!options.early_stopping || best_epoch + options.early_stopping->patience <= options.epochs) {
    return;
  }
  console.warn(
      fmt::format("the error on the inner hold-out was still falling at epoch {}, the last; raise "
                  "--epochs (with --early-stop) or --learning-rate",
                  options.epochs));
}

}  // namespace tusk::cli
