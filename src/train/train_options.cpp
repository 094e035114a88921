#include "train/train_options.hpp"

#include <cmath>

#include "model/knn_metadata.hpp"
#include "support/check_option.hpp"

namespace tusk {
MfParams mf_params(const MfOptions& options, float spread) {
  MfParams params;
  params.factors = options.factors;
  params.biased = options.biased;
  params.user_learning_rate = options.user_learning_rate.value_or(0.0056f / spread);
  params.item_learning_rate = options.item_learning_rate.value_or(0.0056f / spread);
  params.bias_learning_rate = options.bias_learning_rate;
  params.user_regularization = options.user_regularization.value_or(0.053f * spread);
  params.item_regularization = options.item_regularization.value_or(0.053f * spread);
  params.bias_regularization = options.bias_regularization;
  params.init_std = options.init_std.value_or(0.0028f * std::sqrt(spread));
  params.seed = options.seed;
  return params;
}

void check_params(const MfParams& mf) {
  check_option(mf.factors, 1 <= mf.factors && mf.factors <= kMostFactors, "factors",
               "from 1 to 4096");
  const auto in_range = [](float value, std::string_view option) {
    check_option(value, value >= 0, option, "0 or more");
  };
  in_range(mf.user_learning_rate, "learning-rate (or --user-learning-rate)");
  in_range(mf.item_learning_rate, "learning-rate (or --item-learning-rate)");
  in_range(mf.bias_learning_rate, "bias-learning-rate");
  in_range(mf.user_regularization, "regularization (or --user-regularization)");
  in_range(mf.item_regularization, "regularization (or --item-regularization)");
  in_range(mf.bias_regularization, "bias-regularization");
  const auto keeps = [](float learning_rate, float regularization) {
    const float product = learning_rate * regularization;
    check_option(product, product < 1, "learning-rate times its --regularization", "below 1");
  };
  keeps(mf.user_learning_rate, mf.user_regularization);
  keeps(mf.item_learning_rate, mf.item_regularization);
  keeps(mf.bias_learning_rate, mf.bias_regularization);
  check_option(mf.init_std, mf.init_std > 0, "init-std", "above 0");
}

void check_options(const TrainOptions& options) {
  check_option(options.epochs, options.epochs >= 1 && options.epochs <= kMostEpochs, "epochs",
               "from 1 to 100000");
  check_option(options.bias.user_damping, options.bias.user_damping >= 0, "user-damping",
               "0 or more");
  check_option(options.bias.item_damping, options.bias.item_damping >= 0, "item-damping",
               "0 or more");
  if (options.knn) check_params(*options.knn);
  if (options.early_stopping) {
    const EarlyStopping& stop = *options.early_stopping;
    check_option(stop.patience, stop.patience >= 1, "early-stop", "at least 1");
    check_option(stop.holdout, 0 < stop.holdout && stop.holdout < 1, "holdout", "between 0 and 1");
  }
  switch (options.schedule) {
    case Schedule::constant:
      break;
    case Schedule::inverse:
      check_option(options.decay, options.decay >= 0, "decay", "0 or more");
      break;
    case Schedule::exponential:
      check_option(options.decay, 0 < options.decay && options.decay <= 1, "decay",
                   "above 0 and at most 1");
      break;
  }
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
  switch (schedule) {
    case Schedule::constant:
      return "constant";
    case Schedule::inverse:
      return "inverse";
    case Schedule::exponential:
      return "exponential";
  }
  return {};
}

}  // namespace tusk
