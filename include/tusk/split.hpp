// Splitting ratings into parts: a label for every rating.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/types.hpp>

namespace tusk {

struct SplitSpec {
  enum class Kind {
    none,      // everything is trained on
    random,    // a fraction of all ratings is the test part
    time,      // of each user, the latest fraction
    last,      // of each user, the latest `count` ratings
    kfold,     // `count` equal parts at random
    official,  // the parts that u1.test .. u5.test beside the ratings name, or ua.test, ub.test
  };
  Kind kind = Kind::none;
  double fraction = 0;  // random, time
  int count = 0;        // last: ratings; kfold: parts
  std::string fold;     // kfold, official: which part is the test part when one is wanted
};

// "none", "random:F", "time:F", "last:N", "kfold:K[:I]", "official[:I]", where I counts from 1 and
// may be a or b for official. Throws UsageError.
SplitSpec parse_split(std::string_view text);
std::string to_string(const SplitSpec& spec);

struct Split {
  std::vector<Label> label;  // one per rating, in 0 .. labels - 1
  int labels = 1;
  LabelSet test;            // what is not trained on; empty for Kind::none
  std::string description;  // spec and seed, as written into the model file

  LabelSet train() const { return ~test; }
};

inline constexpr int kMaxLabels = 128;

// At least one rating must stay in the training part, and a user keeps at least one where the
// split is per user. Throws InputError where the data cannot be split so (no timestamps, no folds
// beside the ratings, fewer ratings than parts).
Split make_split(const Dataset& data, const SplitSpec& spec, std::uint64_t seed);

}  // namespace tusk
