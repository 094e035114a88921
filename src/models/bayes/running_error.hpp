// The error of the mean of all draws so far, sweep by sweep.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tusk/evaluate.hpp>

#include "backend/bayes_session.hpp"
#include "models/bayes/time_biases.hpp"

namespace tusk {

// On ratings that are not trained on.
class RunningError {
 public:
  // Of the ratings whose label is in `part`. Draws are of ratings less `mean`, over `spread`; what
  // they predict is clipped to the scale. The backend is borrowed.
  RunningError(Backend& backend, const Dataset& data, std::span<const Label> label,
               const LabelSet& part, float mean, float spread);

  // Draws then have biases of these groups.
  void use_times(const TimeGroups& groups);

  bool empty() const { return ratings_.size() == 0; }
  std::int64_t draws() const { return draws_; }

  // Takes a draw into the mean, and gives the root of the mean squared error of the draw alone.
  double add(const BayesDraw& draw);
  // That of the mean. NaN without draws or ratings.
  double rmse() const;

  // The sums of what the draws predict, to go on from.
  const std::vector<float>& sums() const { return sum_; }
  void restore(std::vector<float> sums, std::int64_t draws);

 private:
  // The square root of the mean of squared(rating's place), on several threads.
  template <class Squared>
  double root_mean(const Squared& squared) const;

  Backend& backend_;
  RatingList ratings_;
  RatingScale scale_;
  float mean_;
  float spread_;
  std::vector<Index> day_;  // of the rating's user, or kNone; empty without times
  std::vector<Index> period_;
  std::vector<float> sum_;  // of predictions, by rating
  std::int64_t draws_ = 0;
};

}  // namespace tusk
