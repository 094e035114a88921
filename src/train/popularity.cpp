#include "train/popularity.hpp"

#include <algorithm>
#include <vector>

#include <tusk/models.hpp>

#include "train/bias_model.hpp"
#include "train/rating_moments.hpp"

namespace tusk {
namespace {

constexpr double kRecent = 0.1;  // this share of the ratings is recent, the last by time

constexpr double kTrendDamping = 10;

float trend_of(double recent, double expected) {
  return static_cast<float>((recent + kTrendDamping) / (expected + kTrendDamping));
}
double recent_of(float trend, double expected) {
  return std::max(0.0, static_cast<double>(trend) * (expected + kTrendDamping) - kTrendDamping);
}

// From which time on ratings are recent.
std::int64_t recent_since(std::vector<std::int64_t> times) {
  const auto recent = static_cast<std::size_t>(kRecent * static_cast<double>(times.size()));
  const std::size_t first = times.size() - std::max<std::size_t>(1, recent);
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(first), times.end());
  return times[first];
}

// By item, the recent ratings over those that would be if every item had its share of them.
std::vector<float> measure_trend(const Dataset& data, std::span<const Label> label,
                                 const LabelSet& part) {
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
    trend.push_back(trend_of(recent[item], all[item] * recent_ratings / timed));
  }
  return trend;
}

}  // namespace

Popularity measure_popularity(const Dataset& data, std::span<const Label> label,
                              const LabelSet& part) {
  const float mean = mean_rating(data, label, part);
  const MfState state = fit_popular(data, label, part, mean, PopularOptions().item_damping);
  Popularity popularity{state.item_bias, measure_trend(data, label, part)};
  for (float& rating : popularity.rating) rating += state.mean;
  return popularity;
}

std::vector<float> updated_trend(const Model& model, const MergedRatings& merged, bool has_times) {
  const std::vector<float>& before = model.popularity.trend;
  if (before.empty()) return {};
  const auto items = static_cast<std::size_t>(merged.items.ids.size());
  std::vector<double> old(items, 0);
  std::vector<double> fresh(items, 0);
  for (const Index item : merged.old.column) old[static_cast<std::size_t>(item)] += 1;
  for (const Index item : merged.fresh.column) fresh[static_cast<std::size_t>(item)] += 1;
  std::vector<float> trend(items, 1);
  for (std::size_t i = 0; i < before.size(); ++i) {
    trend[static_cast<std::size_t>(merged.items.of_model[i])] = before[i];
  }
  if (!has_times) return trend;
  // The new ratings are recent, and those of the old recent ones that complete the share: of each
  // item the same part of them, for their times are not kept.
  const auto of_old = static_cast<double>(merged.old.column.size());
  const auto of_fresh = static_cast<double>(merged.fresh.column.size());
  const double recent = std::max(of_fresh, kRecent * (of_old + of_fresh));
  const double kept = of_old > 0 ? (recent - of_fresh) / (kRecent * of_old) : 0;
  for (std::size_t item = 0; item < items; ++item) {
    const double was_expected = kRecent * old[item];
    const double was_recent = recent_of(trend[item], was_expected);
    trend[item] = trend_of(kept * was_recent + fresh[item],
                           (old[item] + fresh[item]) * recent / (of_old + of_fresh));
  }
  return trend;
}

}  // namespace tusk
