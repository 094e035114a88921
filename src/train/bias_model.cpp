#include "train/bias_model.hpp"

namespace tusk {
namespace {

template <class Visit>
void each_rating(const Dataset& data, std::span<const Label> label, const LabelSet& part,
                 const Visit& visit) {
  data.ratings().each([&](Index user, std::size_t at) {
    if (!part.test(label[at])) return;
    visit(static_cast<std::size_t>(user), static_cast<std::size_t>(data.item[at]), data.rating[at]);
  });
}

}  // namespace

MfState fit_mean(const Dataset& data, float mean) {
  MfState state;
  state.users = data.users.size();
  state.items = data.items.size();
  state.biased = false;
  state.mean = mean;
  return state;
}

MfState fit_bias(const Dataset& data, std::span<const Label> label, const LabelSet& part,
                 float mean, const BiasParams& params) {
  constexpr int kSweeps = 10;  // the biases of MovieLens move by less than 1e-4 after six
  const auto users = static_cast<std::size_t>(data.users.size());
  const auto items = static_cast<std::size_t>(data.items.size());
  std::vector<double> user_bias(users, 0);
  std::vector<double> item_bias(items, 0);
  std::vector<double> sum;
  std::vector<double> weight;
  const auto divide = [&](std::vector<double>& bias) {
    for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = weight[i] > 0 ? sum[i] / weight[i] : 0;
  };
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    sum.assign(items, 0);
    weight.assign(items, params.item_damping);
    each_rating(data, label, part, [&](std::size_t user, std::size_t item, float rating) {
      sum[item] += static_cast<double>(rating) - mean - user_bias[user];
      weight[item] += 1;
    });
    divide(item_bias);
    sum.assign(users, 0);
    weight.assign(users, params.user_damping);
    each_rating(data, label, part, [&](std::size_t user, std::size_t item, float rating) {
      sum[user] += static_cast<double>(rating) - mean - item_bias[item];
      weight[user] += 1;
    });
    divide(user_bias);
  }
  MfState state = fit_mean(data, mean);
  state.biased = true;
  state.user_bias.assign(user_bias.begin(), user_bias.end());
  state.item_bias.assign(item_bias.begin(), item_bias.end());
  return state;
}

}  // namespace tusk
