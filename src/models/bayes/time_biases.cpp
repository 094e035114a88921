#include "models/bayes/time_biases.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include <tusk/dataset.hpp>

#include "model/model_tensors.hpp"
#include "model/transposed.hpp"

namespace tusk {
namespace {

std::int64_t period_of(std::int64_t time, std::int64_t length) {
  return time / length - (time % length < 0 ? 1 : 0);
}

// Of each rating.
std::vector<Index> groups_of(const RatedPeriods& periods, const CsrView& ratings,
                             std::span<const std::int64_t> time, bool by_column) {
  std::vector<Index> group(time.size());
  ratings.each([&](Index row, std::size_t at) {
    group[at] = periods.find(by_column ? ratings.column[at] : row, time[at]);
  });
  return group;
}

// The times of the ratings by column.
std::vector<std::int64_t> times_by_column(const CsrView& ratings,
                                          std::span<const std::int64_t> offset,
                                          std::span<const std::int64_t> time) {
  std::vector<std::int64_t> next(offset.begin(), offset.end() - 1);
  std::vector<std::int64_t> ordered(time.size());
  for (std::size_t at = 0; at < time.size(); ++at) {
    const auto column = static_cast<std::size_t>(ratings.column[at]);
    ordered[static_cast<std::size_t>(next[column]++)] = time[at];
  }
  return ordered;
}

}  // namespace

RatedPeriods::RatedPeriods(const CsrView& ratings, std::span<const std::int64_t> time,
                           std::int64_t length)
    : length_(length), offset_({0}) {
  for (Index row = 0; row < ratings.rows(); ++row) {
    const auto begin = std::ssize(period_);
    for (std::int64_t at = ratings.offset[static_cast<std::size_t>(row)];
         at < ratings.offset[static_cast<std::size_t>(row) + 1]; ++at) {
      const std::int64_t one = time[static_cast<std::size_t>(at)];
      if (one != kNoTime) period_.push_back(period_of(one, length));
    }
    std::sort(period_.begin() + begin, period_.end());
    period_.erase(std::unique(period_.begin() + begin, period_.end()), period_.end());
    offset_.push_back(std::ssize(period_));
  }
}

Index RatedPeriods::find(Index row, std::int64_t time) const {
  if (time == kNoTime) return kNone;
  const auto first = period_.begin() + offset_[static_cast<std::size_t>(row)];
  const auto last = period_.begin() + offset_[static_cast<std::size_t>(row) + 1];
  const std::int64_t period = period_of(time, length_);
  const auto found = std::lower_bound(first, last, period);
  return found == last || *found != period ? kNone : static_cast<Index>(found - period_.begin());
}

std::int64_t period_length(std::span<const std::int64_t> time, int count) {
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  std::int64_t last = kNoTime;
  for (const std::int64_t one : time) {
    if (one == kNoTime) continue;
    first = std::min(first, one);
    last = std::max(last, one);
  }
  const std::uint64_t span = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
  return static_cast<std::int64_t>(span / static_cast<std::uint64_t>(count)) + 1;
}

TimeGroups::TimeGroups(const CsrView& ratings, std::span<const std::int64_t> time)
    : days(ratings, time, kSecondsOfADay) {
  const Transposed columns(ratings);
  periods = RatedPeriods(columns.view(), times_by_column(ratings, columns.offset, time),
                         period_length(time, kItemPeriods));
  user_group = groups_of(days, ratings, time, false);
  item_group = groups_of(periods, ratings, time, true);
}

double TimeBiases::variance() const {
  double sum = 0;
  for (const float one : precision) sum += 1 / static_cast<double>(one);
  return sum / static_cast<double>(precision.size());
}

void write_time_biases(SafetensorsWriter& writer, const std::string& side,
                       const TimeBiases& biases) {
  if (biases.empty()) return;
  const std::string name = "bayes_" + side;
  const std::size_t count = biases.precision.size();
  check_finite(biases.bias, name + "_time_biases");
  writer.add(name + "_period_length", std::span(&biases.periods.length(), 1), {1});
  writer.add(name + "_period_offsets", biases.periods.offset());
  writer.add(name + "_periods", biases.periods.period());
  writer.add<float>(name + "_time_biases", biases.bias, {biases.bias.size() / count, count});
  writer.add(name + "_time_precision", biases.precision);
}

TimeBiases read_time_biases(const SafetensorsReader& reader, const std::string& side, Index rows,
                            std::size_t count) {
  const std::string name = "bayes_" + side;
  if (!reader.has(name + "_time_biases")) return {};
  const auto length = reader.read<std::int64_t>(name + "_period_length");
  check_format(length.size() == 1 && length.front() > 0,
               "tensor " + name + "_period_length is not a number above 0");
  auto offset = reader.read<std::int64_t>(name + "_period_offsets");
  auto period = reader.read<std::int64_t>(name + "_periods");
  check_offsets(offset, period.size(), name + "_period_offsets");
  check_format(std::ssize(offset) == std::int64_t{rows} + 1,
               "tensor " + name + "_period_offsets does not have a row for each " + side);
  check_format(period.size() <= static_cast<std::size_t>(std::numeric_limits<Index>::max()),
               "tensor " + name + "_periods is too long");
  for (std::size_t row = 0; row + 1 < offset.size(); ++row) {
    const auto first = period.begin() + offset[row];
    const auto last = period.begin() + offset[row + 1];
    check_format(std::adjacent_find(first, last, std::greater_equal<>()) == last,
                 "tensor " + name + "_periods does not rise within a row");
  }
  TimeBiases biases;
  biases.bias =
      read_rows(reader, name + "_time_biases", static_cast<Index>(period.size()), count, 2);
  biases.precision = reader.read<float>(name + "_time_precision");
  check_format(
      biases.precision.size() == count &&
          std::ranges::all_of(biases.precision, [](float a) { return a > 0 && a < 1e30f; }),
      "tensor " + name + "_time_precision is not a number above 0 for each draw");
  biases.periods = RatedPeriods(length.front(), std::move(offset), std::move(period));
  return biases;
}

}  // namespace tusk
