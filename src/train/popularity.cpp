#include "train/popularity.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
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

template <class Visit>
void each_time(const Dataset& data, std::span<const Label> label, const LabelSet& part,
               const Visit& visit) {
  for (std::size_t at = 0; at < data.timestamp.size(); ++at) {
    if (part.test(label[at]) && data.timestamp[at] != kNoTime) visit(at, data.timestamp[at]);
  }
}

struct TimeRange {
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  std::int64_t count = 0;
};

TimeRange range_of_times(const Dataset& data, std::span<const Label> label, const LabelSet& part) {
  TimeRange range;
  each_time(data, label, part, [&](std::size_t, std::int64_t time) {
    range.first = std::min(range.first, time);
    range.last = std::max(range.last, time);
    ++range.count;
  });
  return range;
}

// From which time on ratings are recent: that of the `recent`th from the end. Counts times in equal
// steps and sorts only those of the step that holds it, for a copy of all would take longer.
std::int64_t recent_since(const Dataset& data, std::span<const Label> label, const LabelSet& part,
                          const TimeRange& range, std::int64_t recent) {
  constexpr int kStepBits = 14;
  const std::uint64_t span =
      static_cast<std::uint64_t>(range.last) - static_cast<std::uint64_t>(range.first);
  const int shift = std::max(0, static_cast<int>(std::bit_width(span)) - kStepBits);
  const auto step_of = [&](std::int64_t time) {
    return static_cast<std::size_t>(
        (static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(range.first)) >> shift);
  };
  std::vector<std::int64_t> count(std::size_t{1} << kStepBits, 0);
  each_time(data, label, part, [&](std::size_t, std::int64_t time) { ++count[step_of(time)]; });
  std::size_t step = step_of(range.last);
  std::int64_t later = 0;  // than this step
  for (; later + count[step] < recent; --step) later += count[step];
  std::vector<std::int64_t> times;
  each_time(data, label, part, [&](std::size_t, std::int64_t time) {
    if (step_of(time) == step) times.push_back(time);
  });
  const auto found = times.end() - static_cast<std::ptrdiff_t>(recent - later);
  std::nth_element(times.begin(), found, times.end());
  return *found;
}

}  // namespace

std::vector<float> popular_ratings(const Dataset& data, std::span<const Label> label,
                                   const LabelSet& part) {
  const float mean = mean_rating(data, label, part);
  const MfState state = fit_popular(data, label, part, mean, PopularOptions().item_damping);
  std::vector<float> ratings = state.item_bias;
  for (float& rating : ratings) rating += state.mean;
  return ratings;
}

std::vector<float> measure_trend(const Dataset& data, std::span<const Label> label,
                                 const LabelSet& part) {
  const TimeRange range = range_of_times(data, label, part);
  if (range.count == 0) return {};
  const auto timed = static_cast<double>(range.count);
  const auto due = std::max<std::int64_t>(1, static_cast<std::int64_t>(kRecent * timed));
  const std::int64_t since = recent_since(data, label, part, range, due);
  const auto items = static_cast<std::size_t>(data.items.size());
  std::vector<double> all(items, 0);
  std::vector<double> recent(items, 0);
  double recent_ratings = 0;
  each_time(data, label, part, [&](std::size_t at, std::int64_t time) {
    const auto item = static_cast<std::size_t>(data.item[at]);
    all[item] += 1;
    if (time < since) return;
    recent[item] += 1;
    recent_ratings += 1;
  });
  std::vector<float> trend;
  for (std::size_t item = 0; item < items; ++item) {
    trend.push_back(trend_of(recent[item], all[item] * recent_ratings / timed));
  }
  return trend;
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
