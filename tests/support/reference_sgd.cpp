#include "tests/support/reference_sgd.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "backend/backend.hpp"

namespace tusk::test {
namespace {

double largest_difference(const std::vector<double>& a, const std::vector<float>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double difference = std::abs(a[i] - static_cast<double>(b[i]));
    if (std::isnan(difference)) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, difference);
  }
  return largest;
}

}  // namespace

MfParams coarse_params(int factors) {
  MfParams params;
  params.factors = factors;
  params.user_learning_rate = 0.03f;
  params.item_learning_rate = 0.02f;
  params.bias_learning_rate = 0.01f;
  params.user_regularization = 0.05f;
  params.item_regularization = 0.08f;
  params.bias_regularization = 0.04f;
  params.init_std = 0.1f;
  params.seed = 11;
  return params;
}

double ReferenceModel::predict(Index user, Index item) const {
  const auto u = static_cast<std::size_t>(user);
  const auto i = static_cast<std::size_t>(item);
  const auto f = static_cast<std::size_t>(factors);
  double sum = mean + user_bias[u] + item_bias[i];
  for (std::size_t k = 0; k < f; ++k) sum += user_factors[u * f + k] * item_factors[i * f + k];
  return sum;
}

double ReferenceModel::update(const MfParams& params, Index user, Index item, double rating) {
  const auto u = static_cast<std::size_t>(user);
  const auto i = static_cast<std::size_t>(item);
  const auto f = static_cast<std::size_t>(factors);
  const double error = rating - predict(user, item);
  if (params.biased) {
    user_bias[u] += params.bias_learning_rate * (error - params.bias_regularization * user_bias[u]);
    item_bias[i] += params.bias_learning_rate * (error - params.bias_regularization * item_bias[i]);
  }
  for (std::size_t k = 0; k < f; ++k) {
    double& p = user_factors[u * f + k];
    double& q = item_factors[i * f + k];
    const double old_p = p;
    p += params.user_learning_rate * (error * q - params.user_regularization * p);
    q += params.item_learning_rate * (error * old_p - params.item_regularization * q);
  }
  return error;
}

ReferenceModel reference_of(const MfState& state) {
  const auto doubles = [](const std::vector<float>& values, std::size_t size) {
    std::vector<double> copy(values.begin(), values.end());
    copy.resize(size, 0);
    return copy;
  };
  return {state.factors,
          state.mean,
          doubles(state.user_factors, state.user_factors.size()),
          doubles(state.item_factors, state.item_factors.size()),
          doubles(state.user_bias, static_cast<std::size_t>(state.users)),
          doubles(state.item_bias, static_cast<std::size_t>(state.items))};
}

double largest_difference(const ReferenceModel& reference, const MfState& state) {
  return std::max({largest_difference(reference.user_factors, state.user_factors),
                   largest_difference(reference.item_factors, state.item_factors),
                   largest_difference(reference.user_bias, state.user_bias),
                   largest_difference(reference.item_bias, state.item_bias)});
}

}  // namespace tusk::test
