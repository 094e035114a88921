#include "models/bayes/running_error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "backend/backend.hpp"

namespace tusk {
namespace {

float of_group(const GroupBiases& groups, Index group) {
  return group == kNone ? 0 : groups.bias[static_cast<std::size_t>(group)];
}

}  // namespace

RunningError::RunningError(Backend& backend, const Dataset& data, std::span<const Label> label,
                           const LabelSet& part, float mean, float spread)
    : backend_(backend),
      ratings_(part.none() ? RatingList() : select_ratings(data, label, part)),
      scale_(data.scale),
      mean_(mean),
      spread_(spread),
      sum_(ratings_.size(), 0) {}

void RunningError::use_times(const TimeGroups& groups) {
  if (ratings_.time.empty()) return;
  for (std::size_t k = 0; k < ratings_.size(); ++k) {
    day_.push_back(groups.days.find(ratings_.user[k], ratings_.time[k]));
    period_.push_back(groups.periods.find(ratings_.item[k], ratings_.time[k]));
  }
}

template <class Squared>
double RunningError::root_mean(const Squared& squared) const {
  constexpr std::size_t kRatings = 4096;
  std::vector<double> part((ratings_.size() + kRatings - 1) / kRatings, 0);
  backend_.parallel_for(std::ssize(part), [&](std::int64_t task) {
    const auto t = static_cast<std::size_t>(task);
    for (std::size_t k = t * kRatings; k < std::min((t + 1) * kRatings, ratings_.size()); ++k) {
      part[t] += squared(k);
    }
  });
  return std::sqrt(std::accumulate(part.begin(), part.end(), 0.0) /
                   static_cast<double>(ratings_.size()));
}

double RunningError::add(const BayesDraw& draw) {
  ++draws_;
  const std::size_t width = draw.user_prior.mean.size();
  return root_mean([&](std::size_t k) {
    const float* const user = draw.user.data() + static_cast<std::size_t>(ratings_.user[k]) * width;
    const float* const item = draw.item.data() + static_cast<std::size_t>(ratings_.item[k]) * width;
    float value = user[width - 1] + item[width - 1];
    for (std::size_t f = 0; f + 1 < width; ++f) value += user[f] * item[f];
    if (!day_.empty()) value += of_group(draw.user_groups, day_[k]);
    if (!period_.empty()) value += of_group(draw.item_groups, period_[k]);
    const float rating = scale_.clip(mean_ + spread_ * value);
    sum_[k] += rating;
    return std::pow(static_cast<double>(rating - ratings_.rating[k]), 2);
  });
}

double RunningError::rmse() const {
  if (empty() || draws_ == 0) return std::numeric_limits<double>::quiet_NaN();
  const auto draws = static_cast<double>(draws_);
  return root_mean([&](std::size_t k) {
    return std::pow(static_cast<double>(sum_[k]) / draws - static_cast<double>(ratings_.rating[k]),
                    2);
  });
}

void RunningError::restore(std::vector<float> sums, std::int64_t draws) {
  sum_ = std::move(sums);
  draws_ = draws;
}

}  // namespace tusk
