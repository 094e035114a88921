// Dividing ratings into parts: a label for every rating, and what the labels are for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/types.hpp>

namespace tusk {

inline constexpr int kMaxLabels = 128;

// Which ratings are trained on and which are not: a test part, and for cross-validation and the
// choice of settings also folds, which take turns in being held out of what is left.
struct Partition {
  std::vector<Label> label;  // one per rating, in 0 .. labels - 1
  int labels = 1;
  std::vector<LabelSet> held_out;  // by fold; empty where there are none
  LabelSet test;                   // may be empty
  // Of a division by users: what those that are held out or tested are folded in by. No model is
  // trained on it. Else empty.
  LabelSet fold_in = {};
  std::string description;  // spec and seed, as written into model files

  std::size_t fold_count() const { return held_out.size(); }
  // All but the test part and what is folded in.
  LabelSet train() const { return ~(test | fold_in); }
  // What the model of a fold is trained on.
  LabelSet train(std::size_t fold) const { return train() & ~held_out[fold]; }
};

struct SplitSpec {
  enum class Kind {
    none,      // everything is trained on
    random,    // a fraction of all ratings is the test part
    time,      // of each user, the latest fraction
    last,      // of each user, the latest `count` ratings
    kfold,     // `count` equal parts at random
    official,  // the parts that u1.test .. u5.test beside the ratings name, or ua.test, ub.test
    users,     // all ratings of `count` users: a fraction of each user's is folded in, the rest is
               // the test part (Liang et al.: "Variational Autoencoders for Collaborative
               // Filtering", 2018)
  };
  Kind kind = Kind::none;
  double fraction = 0;  // random, time: of the test part; users: of what is folded in
  int count = 0;        // last: ratings; kfold: parts; users: users
  std::string fold;     // kfold, official: which part is the test part when one is wanted
};

// The share of a held-out user's ratings that is folded in unless somebody says otherwise.
inline constexpr double kUsualFoldIn = 0.8;

// "none", "random:F", "time:F", "last:N", "kfold:K[:I]", "official[:I]", "users:N", where I counts
// from 1 and may be a or b for official. Throws UsageError.
SplitSpec parse_split(std::string_view text);
std::string to_string(const SplitSpec& spec);

// A partition without folds. At least one rating must stay in the training part, and a user keeps
// at least one where the split is per user. Throws InputError where the data cannot be split so (no
// timestamps, no folds beside the ratings, fewer ratings than parts).
Partition make_split(const Dataset& data, const SplitSpec& spec, std::uint64_t seed);

struct FoldsSpec {
  enum class Kind {
    random,    // `count` equal parts at random
    official,  // the five that u1.test .. u5.test beside the ratings name
    time,      // one: of each user, the latest fraction
    users,     // one: ratings of `count` users, of which the fraction is folded in, as in SplitSpec
  };
  Kind kind = Kind::random;
  int count = 5;          // folds, or users
  double fraction = 0.2;  // held out, or folded in
  // What is set aside first, at most one of the two: a fraction of the ratings, at random or, with
  // Kind::time, the latest of each user; or one of the folds, from 1.
  std::optional<double> test_fraction;
  std::optional<int> test_fold;
};

// "K", "official", "time[:F]", "users:N". Throws UsageError.
FoldsSpec parse_folds(std::string_view text);
// Without what is set aside.
std::string to_string(const FoldsSpec& spec);

// A partition with folds. Every part has at least one rating. Throws UsageError for a spec that
// makes no sense, InputError where the data cannot be divided so.
Partition make_folds(const Dataset& data, const FoldsSpec& spec, std::uint64_t seed);

// "1..5", "1,2,7": numbers without repeats, at most kMostSeeds. Throws UsageError.
inline constexpr std::size_t kMostSeeds = 1000;
std::vector<std::uint64_t> parse_seeds(std::string_view text);

// The folds with each fold in turn as the test part (nested cross-validation). Throws as
// make_folds().
std::vector<Partition> make_nested_folds(const Dataset& data, FoldsSpec spec, std::uint64_t seed);

}  // namespace tusk
