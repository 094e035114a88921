#include "backend/als_session.hpp"

#include <algorithm>

#include "model/score.hpp"

namespace tusk {

std::vector<float> als_regularizations(const AlsParams& params, const CsrView& weights) {
  std::vector<float> regularization;
  regularization.reserve(static_cast<std::size_t>(weights.rows()));
  for (std::size_t row = 0; row < static_cast<std::size_t>(weights.rows()); ++row) {
    double sum = 0;
    for (auto at = weights.offset[row]; at < weights.offset[row + 1]; ++at) {
      sum += static_cast<double>(weights.value[static_cast<std::size_t>(at)]);
    }
    regularization.push_back(static_cast<float>(als_regularization(params, sum, weights.columns)));
  }
  return regularization;
}

double als_loss(const MfState& state, const CsrView& weights, const AlsParams& params) {
  double loss = 0;
  std::vector<double> of_item(static_cast<std::size_t>(state.items), 0);
  const auto norm = [&](const std::vector<float>& factors, Index row) {
    const float* const x = factors.data() + static_cast<std::size_t>(row * state.factors);
    return static_cast<double>(dot(x, x, state.factors));
  };
  for (Index user = 0; user < state.users; ++user) {
    double of_user = 0;
    for (Index item = 0; item < state.items; ++item) {
      const auto y = static_cast<double>(score(state, user, item));
      loss += static_cast<double>(params.unobserved_weight) * y * y;
      const auto row = weights.row(user);
      const auto at = std::lower_bound(row.begin(), row.end(), item);
      if (at == row.end() || *at != item) continue;
      const auto weight = static_cast<double>(weights.value[static_cast<std::size_t>(
          weights.offset[static_cast<std::size_t>(user)] + (at - row.begin()))]);
      loss += weight * (1 - y) * (1 - y);
      of_user += weight;
      of_item[static_cast<std::size_t>(item)] += weight;
    }
    loss += als_regularization(params, of_user, state.items) * norm(state.user_factors, user);
  }
  for (Index item = 0; item < state.items; ++item) {
    loss += als_regularization(params, of_item[static_cast<std::size_t>(item)], state.users) *
            norm(state.item_factors, item);
  }
  return loss;
}

}  // namespace tusk
