#include "train/popularity.hpp"

#include <algorithm>
#include <vector>

#include <tusk/models.hpp>

#include "train/bias_model.hpp"
#include "train/rating_moments.hpp"

namespace tusk {
namespace {

// From which time on ratings are recent: the last tenth of those that have a time.
std::int64_t recent_since(std::vector<std::int64_t> times) {
  const std::size_t first = times.size() - std::max<std::size_t>(1, times.size() / 10);
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(first), times.end());
  return times[first];
}

// By item, the recent ratings over those that would be if every item had its share of them, each
// with ten ratings more.
std::vector<float> measure_trend(const Dataset& data, std::span<const Label> label,
                                 const LabelSet& part) {
  constexpr double kDamping = 10;
  std::vector<std::int64_t> times;
  for (std::size_t at = 0; at < data.timestamp.size(); ++at) {
    if (part.test(label[at]) && data.timestamp[at] != kNoTime) times.push_back(data.timestamp[at]);
  }
  if (times.empty()) return {};
  const auto timed = static_cast<double>(times.size());
  const std::int64_t since = recent_since(std::move(times));
  const auto items = static_cast<std::size_t>(data.items.size());
  std::vector<double> all(items, 0);
  std::vector<double> recent(items, 0);
  double recent_ratings = 0;
  for (std::size_t at = 0; at < data.timestamp.size(); ++at) {
    if (!part.test(label[at]) || data.timestamp[at] == kNoTime) continue;
    const auto item = static_cast<std::size_t>(data.item[at]);
    all[item] += 1;
    if (data.timestamp[at] < since) continue;
    recent[item] += 1;
    recent_ratings += 1;
  }
  std::vector<float> trend;
  for (std::size_t item = 0; item < items; ++item) {
    const double expected = all[item] * recent_ratings / timed;
    trend.push_back(static_cast<float>((recent[item] + kDamping) / (expected + kDamping)));
  }
  return trend;
}

}  // namespace

Popularity measure_popularity(const Dataset& data, std::span<const Label> label,
                              const LabelSet& part) {
  const float mean = mean_rating(data, label, part);
  const MfState state = fit_popular(data, label, part, mean, PopularOptions().item_damping);
  Popularity popularity{state.item_bias, measure_trend(data, label, part)};
  for (float& rating : popularity.rating) rating += mean;
  return popularity;
}

}  // namespace tusk
