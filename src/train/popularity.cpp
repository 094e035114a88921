#include "train/popularity.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include <tusk/models.hpp>

#include "distributed/collectives.hpp"
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

// Whole numbers of all processes.
void add_all(std::vector<double>& counts, Communicator* processes) {
  if (processes == nullptr) return;
  std::vector<std::int64_t> whole(counts.begin(), counts.end());
  processes->sum(whole);
  counts.assign(whole.begin(), whole.end());
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
  std::vector<TimeRange> ranges = {range};
  append_on_first(data.processes.get(), ranges);
  share(data.processes.get(), 0, ranges);
  range = {};
  for (const TimeRange& one : ranges) {
    range.first = std::min(range.first, one.first);
    range.last = std::max(range.last, one.last);
    range.count += one.count;
  }
  return range;
}

// From which time on ratings are recent: that of the `recent`th from the end. Counts times in equal
// steps, and those of the step that holds it in smaller ones, for a copy of all would take longer.
std::int64_t recent_since(const Dataset& data, std::span<const Label> label, const LabelSet& part,
                          const TimeRange& range, std::int64_t recent) {
  constexpr int kStepBits = 14;
  const auto first = static_cast<std::uint64_t>(range.first);
  std::uint64_t low = 0;  // behind the first
  auto bits = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(range.last) - first));
  std::vector<std::int64_t> count;
  while (bits > 0) {
    const int shift = std::max(0, bits - kStepBits);
    count.assign(std::size_t{1} << (bits - shift), 0);
    each_time(data, label, part, [&](std::size_t, std::int64_t time) {
      const std::uint64_t place = static_cast<std::uint64_t>(time) - first;
      if (place < low) return;
      const std::uint64_t step = (place - low) >> shift;
      if (step < count.size()) ++count[static_cast<std::size_t>(step)];
    });
    sum_of_all(data.processes.get(), count);
    std::size_t step = count.size() - 1;
    for (; count[step] < recent; --step) recent -= count[step];
    low += static_cast<std::uint64_t>(step) << shift;
    bits = shift;
  }
  return static_cast<std::int64_t>(first + low);
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
  each_time(data, label, part, [&](std::size_t at, std::int64_t time) {
    const auto item = static_cast<std::size_t>(data.item[at]);
    all[item] += 1;
    if (time < since) return;
    recent[item] += 1;
  });
  add_all(all, data.processes.get());
  add_all(recent, data.processes.get());
  const double recent_ratings = std::accumulate(recent.begin(), recent.end(), 0.0);
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
