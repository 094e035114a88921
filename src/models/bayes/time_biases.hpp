// Biases of users on days and of items in periods: how `bayes` uses the times of ratings.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tusk/types.hpp>

#include "backend/bayes_session.hpp"

namespace tusk {

class SafetensorsReader;
class SafetensorsWriter;

inline constexpr std::int64_t kSecondsOfADay = 86'400;
inline constexpr int kItemPeriods = 30;  // about, from the first rating to the last

// The periods in which rows have ratings, of equal length: period k is the seconds since 1970 from
// k length to (k + 1) length - 1.
class RatedPeriods {
 public:
  RatedPeriods() = default;
  RatedPeriods(std::int64_t length, std::vector<std::int64_t> offset,
               std::vector<std::int64_t> period)
      : length_(length), offset_(std::move(offset)), period_(std::move(period)) {}
  // `time` has one entry a rating.
  RatedPeriods(const CsrView& ratings, std::span<const std::int64_t> time, std::int64_t length);

  bool empty() const { return offset_.empty(); }
  const std::int64_t& length() const { return length_; }
  const std::vector<std::int64_t>& offset() const { return offset_; }  // [rows + 1]
  const std::vector<std::int64_t>& period() const { return period_; }  // rising within a row

  // The number of the row's period that a time is in; kNone if it has no ratings there.
  Index find(Index row, std::int64_t time) const;

 private:
  std::int64_t length_ = 1;
  std::vector<std::int64_t> offset_;
  std::vector<std::int64_t> period_;
};

// The length of which about `count` hold all of these times; at least one has to be known.
std::int64_t period_length(std::span<const std::int64_t> time, int count);

// The groups that the ratings of a part are in.
struct TimeGroups {
  RatedPeriods days;     // of users
  RatedPeriods periods;  // of items
  std::vector<Index> user_group;
  std::vector<Index> item_group;

  TimeGroups() = default;
  TimeGroups(const CsrView& ratings, std::span<const std::int64_t> time);
};

// Draws of the biases of one side.
struct TimeBiases {
  RatedPeriods periods;          // without rows if times are not used
  std::vector<float> bias;       // [periods, count]
  std::vector<float> precision;  // [count], their tau

  bool empty() const { return periods.empty(); }
  // The draws of a period; nullptr for kNone.
  const float* draws(Index period) const {
    return period == kNone ? nullptr
                           : bias.data() + static_cast<std::size_t>(period) * precision.size();
  }
  // The mean over the draws of the variance of a bias that is not known.
  double variance() const;
};

// Tensors whose names begin with "bayes_" and `side`. What is written is borrowed.
void write_time_biases(SafetensorsWriter& writer, const std::string& side,
                       const TimeBiases& biases);
// Without rows if the file has none. Throws FormatError.
TimeBiases read_time_biases(const SafetensorsReader& reader, const std::string& side, Index rows,
                            std::size_t count);

}  // namespace tusk
