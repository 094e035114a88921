#include "cli/training_options.hpp"

#include <cmath>

#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk::cli {
namespace {

constexpr const char* kMfGroup = "Matrix factorization (--model mf)";
constexpr const char* kBiasGroup = "Damped means (--model bias)";

}  // namespace

void TrainingOptions::declare(CLI::App& app) {
  app.add_option("--model", model_, "mean, bias or mf")->capture_default_str()->group("Model");
  app.add_option("--seed", seed_, "of everything random: split, hold-out, initial factors, order")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->group("Model");

  const auto mf = [&](const char* name, auto& value, const std::string& help) {
    CLI::Option* option = app.add_option(name, value, help)->group(kMfGroup);
    mf_options_.push_back(option);
    return option;
  };
  mf("--factors", factors_, "length of the factor vectors")->capture_default_str();
  mf("--epochs", epochs_, "train for exactly so many; with --early-stop, for at most so many");
  const MfParams defaults;
  mf("--learning-rate", learning_rate_,
     fmt::format("of the factors; the biases' is a fifth of it (default: {} and {})",
                 defaults.user_learning_rate, defaults.bias_learning_rate));
  mf("--regularization", regularization_,
     fmt::format("of the factors; the biases' is a third of it (default: {} and {})",
                 defaults.user_regularization, defaults.bias_regularization));
  mf("--user-learning-rate", user_learning_rate_, "of the user factors alone");
  mf("--item-learning-rate", item_learning_rate_, "of the item factors alone");
  mf("--bias-learning-rate", bias_learning_rate_, "of the biases alone");
  mf("--user-regularization", user_regularization_, "of the user factors alone");
  mf("--item-regularization", item_regularization_, "of the item factors alone");
  mf("--bias-regularization", bias_regularization_, "of the biases alone");
  mf_options_.push_back(app.add_flag("--no-bias", no_bias_, "no user and item biases, factors only")
                            ->group(kMfGroup));
  mf("--init-std", init_std_, "standard deviation of the initial factors")->capture_default_str();
  mf("--schedule", schedule_,
     "learning rate in epoch t: constant, inverse (1 / (1 + decay (t - 1))) or exponential "
     "(decay ^ (t - 1))")
      ->check(CLI::IsMember({"constant", "inverse", "exponential"}))
      ->capture_default_str();
  mf("--decay", decay_, "of the schedule");
  mf("--early-stop", early_stop_,
     fmt::format("stop when the error on the inner hold-out has not fallen for so many epochs; 0 "
                 "never (default: {}, or 0 if --epochs is given)",
                 EarlyStopping().patience));
  mf("--holdout", holdout_, "fraction of the training ratings in the inner hold-out")
      ->capture_default_str();
  mf("--after-stop", after_stop_,
     "refit on all training ratings for the epochs chosen, or keep the best epoch's model: refit, "
     "best")
      ->check(CLI::IsMember({"refit", "best"}))
      ->capture_default_str();

  const auto damping = [&](const char* name, float& value, const char* help) {
    bias_options_.push_back(
        app.add_option(name, value, help)->capture_default_str()->group(kBiasGroup));
  };
  damping("--user-damping", damping_.user_damping, "ratings at 0 added to each user's");
  damping("--item-damping", damping_.item_damping, "ratings at 0 added to each item's");
}

void TrainingOptions::check_given() const {
  const ModelKind kind = parse_model_kind(model_);
  const auto refuse = [&](const std::vector<const CLI::Option*>& options, const char* model) {
    for (const CLI::Option* option : options) {
      if (option->count() == 0) continue;
      throw UsageError(fmt::format("{} is an option of --model {}, not of --model {}",
                                   option->get_name(), model, model_));
    }
  };
  if (kind != ModelKind::mf) refuse(mf_options_, "mf");
  if (kind != ModelKind::bias) refuse(bias_options_, "bias");
}

TrainOptions TrainingOptions::options() const {
  TrainOptions options;
  options.model = parse_model_kind(model_);
  options.bias = damping_;
  MfParams& mf = options.mf;
  mf.factors = factors_;
  mf.biased = !no_bias_;
  if (learning_rate_) {
    mf.user_learning_rate = mf.item_learning_rate = *learning_rate_;
    mf.bias_learning_rate = *learning_rate_ / 5;
  }
  if (regularization_) {
    mf.user_regularization = mf.item_regularization = *regularization_;
    mf.bias_regularization = *regularization_ / 3;
  }
  const auto override_with = [](float& value, const std::optional<float>& given) {
    value = given.value_or(value);
  };
  override_with(mf.user_learning_rate, user_learning_rate_);
  override_with(mf.item_learning_rate, item_learning_rate_);
  override_with(mf.bias_learning_rate, bias_learning_rate_);
  override_with(mf.user_regularization, user_regularization_);
  override_with(mf.item_regularization, item_regularization_);
  override_with(mf.bias_regularization, bias_regularization_);
  mf.init_std = init_std_;
  mf.seed = seed_;
  if (schedule_ == "inverse") options.schedule = Schedule::inverse;
  if (schedule_ == "exponential") options.schedule = Schedule::exponential;
  if (options.schedule != Schedule::constant && !decay_) {
    throw UsageError(fmt::format("--schedule {} needs --decay", schedule_));
  }
  if (options.schedule == Schedule::constant && decay_) {
    throw UsageError("--decay needs --schedule inverse or exponential");
  }
  options.decay = decay_.value_or(0);
  if (epochs_) options.epochs = *epochs_;
  options.early_stopping.reset();
  const int patience = early_stop_.value_or(epochs_ ? 0 : EarlyStopping().patience);
  if (patience < 0)
    throw UsageError(fmt::format("--early-stop is {}; it must be 0 or more", patience));
  if (patience > 0) options.early_stopping = {patience, holdout_, after_stop_ == "refit"};
  return options;
}

}  // namespace tusk::cli
