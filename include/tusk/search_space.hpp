// What settings a search may choose from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/search.hpp>
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
  // Calls name n, which is one of the parameter's, by that of its option; values of the opposite
  // are turned round.
  void rename(std::size_t n, const Parameter& parameter);
  std::string text() const;  // as it was given, with dashes for underscores

  bool is_list() const { return !values_.empty(); }
  const std::vector<std::string>& values() const { return values_; }
  // The ends of a range, and whether it has whole numbers alone.
  double low() const { return low_; }
  double high() const { return high_; }
  bool integer() const { return integer_; }
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

// What a search tries.
struct SearchSpec {
  SearchSpace space;        // empty: around the model's defaults, which are the first trial
  bool grid = false;        // all combinations of the space
  std::size_t trials = 32;  // of the space at random, if it is no grid
};

// The same with every trial.
struct SearchPlan {
  SearchSpace space;
  std::vector<Settings> settings;  // by candidate
  std::vector<Candidate> candidates;
};

// Makes candidates of settings: what is given, and in each trial what the trial sets.
class CandidateParser {
 public:
  // `given` names those of the options and of the order of lists that are not left at a default.
  CandidateParser(TrainOptions options, ListOrder order, Settings given);

  const AlgorithmInfo& model() const { return base_.options.algorithm(); }

  // Throws UsageError for settings that make no sense.
  Candidate parse(const Settings& settings) const;

  // What is given, less what `settings` replace, and then the settings.
  Settings all(const Settings& settings) const;

  // The same space with the names of options for aliases, and ranges of whole numbers for
  // parameters that take no others. Throws UsageError for what is no parameter of the model that
  // can be searched.
  SearchSpace typed(const SearchSpace& space) const;

  // The trials of a space that is typed and not empty. Throws UsageError if one makes no sense.
  SearchPlan plan(const SearchSpec& spec, std::uint64_t seed) const;
  // Those around the defaults, for ratings of this standard deviation.
  SearchPlan plan_around_defaults(const SearchSpec& spec, std::uint64_t seed, float spread) const;

 private:
  const Parameter* searched(const std::string& name) const;
  bool is_open(const std::string& name, const std::string& value) const;

  Candidate base_;
  Settings given_;
};

}  // namespace tusk
