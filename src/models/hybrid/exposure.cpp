#include "models/hybrid/exposure.hpp"

#include <cmath>
#include <numbers>

#include <tusk/ranking.hpp>

namespace tusk {
namespace {

// Half as far below the lowest rating that is liked as the scale goes on above it.
double usual_middle(RatingScale scale) {
  const double liked = usual_relevance(scale);
  return liked - (static_cast<double>(scale.high) - liked) / 2;
}

double standard_deviation(std::span<const float> ratings) {
  double sum = 0;
  for (const float rating : ratings) sum += rating;
  const double mean = sum / static_cast<double>(ratings.size());
  double squares = 0;
  for (const float rating : ratings) squares += (rating - mean) * (rating - mean);
  return std::sqrt(squares / static_cast<double>(ratings.size()));
}

}  // namespace

Preference::Preference(const HybridOptions& options, RatingScale scale,
                       std::span<const float> ratings)
    : middle_(options.preference_middle ? static_cast<double>(*options.preference_middle)
                                        : usual_middle(scale)),
      spread_(options.preference_spread * standard_deviation(ratings)),
      power_(options.preference_power) {
  if (!(spread_ > 0)) spread_ = 1;  // of equal ratings
}

double Preference::operator()(double rating) const {
  const double place = (rating - middle_) / spread_;
  return std::pow(std::erfc(-place / std::numbers::sqrt2) / 2, power_);
}

}  // namespace tusk
