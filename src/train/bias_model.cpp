#include "train/bias_model.hpp"

#include <utility>

#include "distributed/collectives.hpp"
#include "train/damped_means.hpp"

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

MfState state_of_biases(const Dataset& data, float mean, const std::vector<double>& user_bias,
                        const std::vector<double>& item_bias) {
  MfState state = fit_mean(data, mean);
  state.biased = true;
  state.user_bias.assign(user_bias.begin(), user_bias.end());
  state.item_bias.assign(item_bias.begin(), item_bias.end());
  return state;
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
                 float mean, const BiasOptions& options) {
  constexpr int kSweeps = 10;  // the biases of MovieLens move by less than 1e-4 after six
  std::vector<double> user_bias(static_cast<std::size_t>(data.users.size()), 0);
  std::vector<double> item_bias;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    DampedMeans of_items(data.items.size(), options.item_damping);
    each_rating(data, label, part, [&](std::size_t user, std::size_t item, float rating) {
      of_items.add(item, static_cast<double>(rating) - mean - user_bias[user]);
    });
    item_bias = of_items.means();
    DampedMeans of_users(data.users.size(), options.user_damping);
    each_rating(data, label, part, [&](std::size_t user, std::size_t item, float rating) {
      of_users.add(user, static_cast<double>(rating) - mean - item_bias[item]);
    });
    user_bias = of_users.means();
  }
  return state_of_biases(data, mean, user_bias, item_bias);
}

std::vector<float> user_counts(const Dataset& data, std::span<const Label> label,
                               const LabelSet& part) {
  std::vector<float> counts(static_cast<std::size_t>(data.items.size()), 0);
  in_turn(data.processes.get(), std::as_writable_bytes(std::span(counts)), [&] {
    each_rating(data, label, part,
                [&](std::size_t, std::size_t item, float) { counts[item] += 1; });
  });
  return counts;
}

std::vector<float> user_counts(const CsrView& ratings) {
  std::vector<float> counts(static_cast<std::size_t>(ratings.columns), 0);
  for (const Index item : ratings.column) counts[static_cast<std::size_t>(item)] += 1;
  return counts;
}

MfState fit_counts(Index users, std::vector<float> user_counts) {
  MfState state;
  state.users = users;
  state.items = static_cast<Index>(user_counts.size());
  state.biased = true;
  state.user_bias.assign(static_cast<std::size_t>(users), 0);
  state.item_bias = std::move(user_counts);
  return state;
}

MfState fit_popular(const Dataset& data, std::span<const Label> label, const LabelSet& part,
                    float mean, float item_damping) {
  if (data.report.implicit) return fit_counts(data.users.size(), user_counts(data, label, part));
  DampedMeans of_items(data.items.size(), item_damping);
  of_items.in_turn(data.processes.get(), [&] {
    each_rating(data, label, part, [&](std::size_t, std::size_t item, float rating) {
      of_items.add(item, static_cast<double>(rating) - mean);
    });
  });
  const std::vector<double> no_user_bias(static_cast<std::size_t>(data.users.size()), 0);
  return state_of_biases(data, mean, no_user_bias, of_items.means());
}

}  // namespace tusk
