#include "train/warm_epochs.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "model/score.hpp"
#include "model/sgd_update.hpp"
#include "support/philox.hpp"
#include "support/text.hpp"
#include "train/epoch_stepper.hpp"

namespace tusk {
namespace {

MfParams params_of(const std::map<std::string, std::string>& metadata) {
  if (const auto by = metadata.find("optimizer"); by != metadata.end()) {
    throw UsageError(fmt::format("{} needs a model trained by sgd; this one was trained by {}",
                                 option_name("epochs"), by->second));
  }
  const auto number = [&](const char* key) {
    const auto found = metadata.find(key);
    const auto value = found == metadata.end() ? std::nullopt : parse_double(found->second);
    if (!value) throw FormatError(std::string("the model's metadata lack ") + key);
    return static_cast<float>(*value);
  };
  MfParams params;
  params.user_learning_rate = number("user_learning_rate");
  params.item_learning_rate = number("item_learning_rate");
  params.bias_learning_rate = number("bias_learning_rate");
  params.user_regularization = number("user_regularization");
  params.item_regularization = number("item_regularization");
  params.bias_regularization = number("bias_regularization");
  return params;
}

}  // namespace

void warm_epochs(Backend& backend, MfState& state, const CsrView& ratings,
                 const std::map<std::string, std::string>& metadata, RatingScale scale,
                 int epochs) {
  MfParams params = params_of(metadata);
  params.biased = state.biased;
  const SgdRates rates = sgd_rates(params, 1);
  const auto factors = static_cast<std::size_t>(state.factors);
  std::vector<Index> user(ratings.column.size());
  ratings.each([&](Index row, std::size_t at) { user[at] = row; });
  std::vector<std::size_t> order(user.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  RandomSequence random(1, random_stream(RandomUse::rating_order));
  for (int epoch = 0; epoch < epochs; ++epoch) {
    random.shuffle(order);
    ErrorSums errors;
    for (std::size_t n = 0; n < order.size(); ++n) {
      if (n % 4096 == 0) backend.check_stop();
      const std::size_t at = order[n];
      const auto u = static_cast<std::size_t>(user[at]);
      const auto i = static_cast<std::size_t>(ratings.column[at]);
      const float error = ratings.value[at] - score(state, user[at], ratings.column[at]);
      errors.add(static_cast<double>(error));
      float* const p = state.user_factors.data() + u * factors;
      float* const q = state.item_factors.data() + i * factors;
      for (std::size_t f = 0; f < factors; ++f) {
        const float own = p[f];
        p[f] = sgd_factor(own, q[f], rates.user.keep, rates.user.step * error);
        q[f] = sgd_factor(q[f], own, rates.item.keep, rates.item.step * error);
      }
      if (!state.biased) continue;
      state.user_bias[u] = sgd_bias(state.user_bias[u], error, rates.bias);
      state.item_bias[i] = sgd_bias(state.item_bias[i], error, rates.bias);
    }
    if (!(errors.rmse() <= largest_sane_error(scale))) {
      throw DivergedError(epoch + 1, "learning-rate",
                          std::max(params.user_learning_rate, params.item_learning_rate));
    }
  }
}

}  // namespace tusk
