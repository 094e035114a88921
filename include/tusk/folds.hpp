// Dividing ratings for the choice of settings: folds that take turns in being held out, and perhaps
// a test part that no choice may see.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/split.hpp>
#include <tusk/types.hpp>

namespace tusk {

struct FoldsSpec {
  enum class Kind {
    random,    // `count` equal parts at random
    official,  // the five that u1.test .. u5.test beside the ratings name
    time,      // one: of each user, the latest fraction
  };
  Kind kind = Kind::random;
  int count = 5;
  double fraction = 0.2;
  // What is set aside first, at most one of the two: a fraction of the ratings, at random or, with
  // Kind::time, the latest of each user; or one of the folds, from 1.
  std::optional<double> test_fraction;
  std::optional<int> test_fold;
};

// "K", "official", "time[:F]". Throws UsageError.
FoldsSpec parse_folds(std::string_view text);
// Without what is set aside.
std::string to_string(const FoldsSpec& spec);

struct Folds {
  std::vector<Label> label;        // one per rating
  std::vector<LabelSet> held_out;  // by fold
  LabelSet test;                   // may be empty
  std::string description;         // spec and seed, as written into model files

  std::size_t size() const { return held_out.size(); }
  // What the model of a fold is trained on.
  LabelSet train(std::size_t fold) const { return search() & ~held_out[fold]; }
  // All but the test part.
  LabelSet search() const { return ~test; }
};

// Every part has at least one rating. Throws UsageError for a spec that makes no sense, InputError
// where the data cannot be divided so.
Folds make_folds(const Dataset& data, const FoldsSpec& spec, std::uint64_t seed);

// The folds with each fold in turn as the test part (nested cross-validation). Throws as
// make_folds().
std::vector<Folds> make_nested_folds(const Dataset& data, FoldsSpec spec, std::uint64_t seed);

}  // namespace tusk
