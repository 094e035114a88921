// What settings a search may choose from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/train_options.hpp>

namespace tusk {

// The most settings of one search.
inline constexpr std::size_t kMostTrials = 20'000;

// The values of a parameter, or of some that always have the same: a list, or all numbers of a
// range.
class ParameterRange {
 public:
  // "NAME=A,B,C" or "NAME=LO..HI[:log]"; "NAME+NAME=..." for several. Throws UsageError.
  explicit ParameterRange(std::string_view text);

  const std::vector<std::string>& names() const { return names_; }
  std::string text() const;  // as it was given, with dashes for underscores

  bool is_list() const { return !values_.empty(); }
  const std::vector<std::string>& values() const { return values_; }
  // Whether values are compared by their ratios: those of a range with :log, and of a list whose
  // largest number is many times its smallest.
  bool logarithmic() const;

  // Only whole numbers, if the range is one; throws UsageError if its ends are none.
  void make_integer();

  // The value at a place in [0, 1): of a list each is as likely as the other, of a range numbers
  // are spread evenly, or their logarithms, and rounded to four digits.
  std::string at(double place) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::string> values_;
  double low_ = 0;
  double high_ = 0;
  bool logarithmic_ = false;
  bool integer_ = false;
};

class SearchSpace {
 public:
  // Throws UsageError for a parameter that is given twice.
  void add(ParameterRange range);

  bool empty() const { return ranges_.empty(); }
  const std::vector<ParameterRange>& ranges() const { return ranges_; }
  // Of all ranges.
  std::vector<std::string> parameters() const;

  // All combinations of listed values, the last parameter changing fastest. Throws UsageError for a
  // range, or if there are too many.
  std::vector<Settings> grid() const;

  // Different settings for a random search, in an order that depends on the seed alone: `count` of
  // them, or all that there seem to be if they are fewer.
  std::vector<Settings> draw(std::uint64_t seed, std::size_t count) const;

 private:
  Settings draw_one(std::uint64_t seed, std::uint64_t n) const;

  std::vector<ParameterRange> ranges_;
};

}  // namespace tusk
