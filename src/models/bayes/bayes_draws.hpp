// Draws of the posterior, as a model keeps them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tusk/types.hpp>

#include "backend/bayes_session.hpp"
#include "models/bayes/time_biases.hpp"

namespace tusk {

inline constexpr int kMostDraws = 10'000;

// A rating is predicted as mean + spread (bias of user + bias of item + <factors of both>), and the
// biases of the user's day and the item's period beside these where the model has them. Each
// number of a vector has all its draws side by side, so that these are summed up together: number f
// of a row is [f * count .. f * count + count - 1] of it.
struct BayesDraws {
  Index users = 0;
  Index items = 0;
  int width = 0;  // factors and the bias
  int count = 0;
  float mean = 0;
  float spread = 1;
  // One row more than there are users and items: somebody of whom nothing is known.
  std::vector<float> user;       // [users + 1, width, count]
  std::vector<float> item;       // [items + 1, width, count]
  std::vector<float> alpha;      // [count], the precision of ratings / spread
  std::vector<float> user_mean;  // [width, count], of the prior
  std::vector<float> item_mean;
  // What else a new user's vector is drawn from, as in BayesPrior; empty where nobody is folded in.
  std::vector<float> prior_precision;  // [width * width, count]
  std::vector<float> prior_links;      // [items + 1, width, count] or empty
  TimeBiases user_times;               // of users + 1
  TimeBiases item_times;

  std::size_t row_size() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(count);
  }
  const float* user_row(Index row) const {
    return user.data() + static_cast<std::size_t>(row) * row_size();
  }
  const float* item_row(Index row) const {
    return item.data() + static_cast<std::size_t>(row) * row_size();
  }

  // What all draws take, with or without what users are folded in by.
  std::uint64_t bytes(bool with_prior, bool with_links) const;
  // Calls visit(name, numbers) for all that put() fills.
  template <class Visit>
  void each(const Visit& visit) {
    each_of(*this, visit);
  }
  template <class Visit>
  void each(const Visit& visit) const {
    each_of(*this, visit);
  }

  // Room for all draws, with what users are folded in by, which is linked to so many features.
  void resize(bool with_prior, Index links);
  void put(int place, const BayesDraw& draw, bool with_prior);
  void keep_first(int kept);
  // Moves the draws of users and items without ratings, which are drawn from the prior: their mean
  // becomes that of the prior's means, without its chance deviation.
  void centre(std::span<const char> user_known, std::span<const char> item_known);

 private:
  template <class Draws, class Visit>
  static void each_of(Draws& draws, const Visit& visit) {
    visit("draws.user", draws.user);
    visit("draws.item", draws.item);
    visit("draws.alpha", draws.alpha);
    visit("draws.user_mean", draws.user_mean);
    visit("draws.item_mean", draws.item_mean);
    visit("draws.prior_precision", draws.prior_precision);
    visit("draws.prior_links", draws.prior_links);
    visit("draws.user_times", draws.user_times.bias);
    visit("draws.user_times_precision", draws.user_times.precision);
    visit("draws.item_times", draws.item_times.bias);
    visit("draws.item_times_precision", draws.item_times.precision);
  }
};

// The distribution of a rating over the draws.
struct BayesMoments {
  float score = 0;      // mean
  float rating = 0;     // mean of the draws clipped to the scale
  float deviation = 0;  // of the rating: of the draws and of the noise together
};

// Draws of what a rating is predicted from.
struct BayesPair {
  const float* user = nullptr;  // rows
  const float* item = nullptr;
  const float* user_time = nullptr;  // biases, or none
  const float* item_time = nullptr;
};

// `noise`: the variance around the draws.
BayesMoments moments(const BayesDraws& draws, const BayesPair& pair, RatingScale scale,
                     float noise);

// The mean of the draws of a row's bias.
float mean_bias(const BayesDraws& draws, const float* row);

// The mean over the draws of the variance of a rating around its prediction.
float noise_variance(const BayesDraws& draws);

// Biases and factors of the given length whose products are as close as possible, over all users
// and items, to the mean over the draws.
MfState mean_state(Backend& backend, const BayesDraws& draws);

}  // namespace tusk
