#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/evaluate.hpp>
#include <tusk/partition.hpp>

#include "tests/support/datasets.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

using test::make_dataset;
using test::random_dataset;
using test::TempFolder;

std::vector<std::int64_t> label_counts(const Partition& split) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(split.labels), 0);
  for (const Label label : split.label) ++counts.at(label);
  return counts;
}

struct UserPart {
  std::int64_t latest_trained = std::numeric_limits<std::int64_t>::min();
  std::int64_t earliest_tested = std::numeric_limits<std::int64_t>::max();
  std::int64_t trained = 0;
  std::int64_t tested = 0;
};

std::vector<UserPart> by_user(const Dataset& data, const Partition& split) {
  std::vector<UserPart> parts(static_cast<std::size_t>(data.users.size()));
  data.ratings().each([&](Index user, std::size_t at) {
    UserPart& part = parts[static_cast<std::size_t>(user)];
    if (split.test.test(split.label[at])) {
      part.earliest_tested = std::min(part.earliest_tested, data.timestamp[at]);
      ++part.tested;
    } else {
      part.latest_trained = std::max(part.latest_trained, data.timestamp[at]);
      ++part.trained;
    }
  });
  return parts;
}

// What holds for every kind of split, on data of several shapes and with several seeds.
class SplitProperties : public testing::TestWithParam<const char*> {};

TEST_P(SplitProperties, LabelsPartitionTheRatingsReproducibly) {
  const SplitSpec spec = parse_split(GetParam());
  for (const std::uint64_t seed : {1u, 2u, 77u}) {
    const Dataset data = random_dataset(20 + static_cast<Index>(seed % 7), 30, 300, seed);
    const Partition split = make_split(data, spec, seed);
    ASSERT_EQ(split.label.size(), data.rating.size());
    std::int64_t total = 0;
    for (const std::int64_t count : label_counts(split)) total += count;
    EXPECT_EQ(total, data.size());
    EXPECT_EQ(split.label, make_split(data, spec, seed).label);
    EXPECT_TRUE((split.train() & split.test).none());
  }
}

TEST_P(SplitProperties, BothPartsHaveRatings) {
  const Dataset data = make_dataset(2, 2, {{0, 0, 1, 5}, {0, 1, 2, 6}, {1, 0, 3, 5}, {1, 1, 4, 9}});
  SplitSpec spec = parse_split(GetParam());
  spec.count = std::min(spec.count, 4);
  if (spec.kind == SplitSpec::Kind::time) spec.fraction = 0.5;
  const Partition split = make_split(data, spec, 1);
  const auto tested = std::count_if(split.label.begin(), split.label.end(),
                                    [&](Label l) { return split.test.test(l); });
  EXPECT_GT(tested, 0);
  EXPECT_LT(tested, 4);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SplitProperties,
                         testing::Values("random:0.1", "random:0.9", "time:0.2", "time:0.75",
                                         "last:1", "last:5", "kfold:3", "kfold:10:4"));

TEST(Split, RandomTakesTheExactNumber) {
  const Dataset data = random_dataset(20, 30, 300, 1);
  for (const double fraction : {0.05, 0.1, 0.333, 0.9}) {
    SplitSpec spec{.kind = SplitSpec::Kind::random, .fraction = fraction};
    const auto counts = label_counts(make_split(data, spec, 4));
    EXPECT_EQ(counts[1], std::llround(fraction * static_cast<double>(data.size())));
  }
}

TEST(Split, HoldsOutWholeUsers) {
  const Dataset data = random_dataset(30, 40, 500, 1);
  SplitSpec spec = parse_split("users:7");
  spec.fraction = 0.6;
  const Partition split = make_split(data, spec, 3);
  EXPECT_EQ(split.description, "users:7 fold-in 0.6 seed 3");
  std::map<Index, std::array<std::int64_t, 3>> counts;  // by user and label
  data.ratings().each([&](Index user, std::size_t at) { ++counts[user][split.label[at]]; });
  int held_out = 0;
  for (const auto& [user, of] : counts) {
    if (of[1] + of[2] == 0) continue;
    ++held_out;
    EXPECT_EQ(of[0], 0) << "no rating of the user is trained on";
    const auto all = static_cast<double>(of[1] + of[2]);
    EXPECT_EQ(of[1], std::max<std::int64_t>(1, static_cast<std::int64_t>(0.4 * all + 1e-9)));
    EXPECT_GE(of[2], 1);
  }
  EXPECT_EQ(held_out, 7);
  EXPECT_EQ(split.train(), ~(split.test | split.fold_in));
  EXPECT_NE(split.label, make_split(data, spec, 4).label);

  const HeldOutUsers users = held_out_users(data, split.label, split.fold_in, split.test);
  EXPECT_EQ(users.user.size(), 7u);
  EXPECT_TRUE(std::is_sorted(users.user.begin(), users.user.end()));
  ASSERT_EQ(users.fold_in.offset.size(), 8u);
  for (std::size_t row = 0; row < 7; ++row) {
    EXPECT_EQ(users.fold_in.offset[row + 1] - users.fold_in.offset[row],
              counts[users.user[row]][2]);
  }
  EXPECT_EQ(std::ssize(users.test.rating), label_counts(split)[1]);
}

TEST(Split, KeepsUsersToTrainOn) {
  const Dataset data = random_dataset(5, 20, 60, 1);
  EXPECT_NO_THROW(make_split(data, parse_split("users:4"), 1));
  EXPECT_THROW(make_split(data, parse_split("users:5"), 1), InputError);
  const Dataset single = make_dataset(3, 2, {{0, 0, 1, 5}, {1, 0, 3, 5}, {2, 1, 4, 9}});
  EXPECT_THROW(make_split(single, parse_split("users:1"), 1), InputError) << "one rating each";
  SplitSpec spec = parse_split("users:1");
  spec.fraction = 1;
  EXPECT_THROW(make_split(data, spec, 1), UsageError);
}

TEST(Split, FoldsAreOfEqualSize) {
  const Dataset data = random_dataset(20, 30, 300, 1);
  const auto counts = label_counts(make_split(data, parse_split("kfold:7"), 4));
  ASSERT_EQ(counts.size(), 7u);
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  EXPECT_LE(*most - *least, 1);
}

TEST(Split, KFoldTestsTheFoldAskedFor) {
  const Dataset data = random_dataset(20, 30, 300, 1);
  EXPECT_TRUE(make_split(data, parse_split("kfold:5"), 1).test.test(0));
  const Partition split = make_split(data, parse_split("kfold:5:3"), 1);
  EXPECT_EQ(split.test, LabelSet().set(2));
}

TEST(Split, TimeNeverTrainsOnALaterRatingThanItTests) {
  for (const char* text : {"time:0.2", "time:0.5", "time:0.99", "last:1", "last:3", "last:1000"}) {
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
      const Dataset data = random_dataset(25, 40, 500, seed);
      const Partition split = make_split(data, parse_split(text), seed);
      for (const UserPart& part : by_user(data, split)) {
        if (part.trained + part.tested == 0) continue;
        EXPECT_GE(part.trained, 1) << text;
        if (part.tested == 0) continue;
        EXPECT_LE(part.latest_trained, part.earliest_tested) << text;
      }
    }
  }
}

TEST(Split, TimeHoldsOutTheFractionOfEachUser) {
  std::vector<test::Rating> ratings;
  for (Index item = 0; item < 10; ++item) ratings.push_back({0, item, 3});
  for (Index item = 0; item < 4; ++item) ratings.push_back({1, item, 3});
  Dataset data = make_dataset(2, 10, ratings);
  data.timestamp.resize(ratings.size());
  std::iota(data.timestamp.begin(), data.timestamp.end(), 0);
  const auto tested = [&](const char* text) {
    const auto parts = by_user(data, make_split(data, parse_split(text), 1));
    return std::pair(parts[0].tested, parts[1].tested);
  };
  using Counts = std::pair<std::int64_t, std::int64_t>;
  EXPECT_EQ(tested("time:0.2"), Counts(2, 1));
  EXPECT_EQ(tested("time:0.5"), Counts(5, 2));
  EXPECT_EQ(tested("last:3"), Counts(3, 3));
}

TEST(Split, DependsOnTheSeedAndSoDoTiesInTime) {
  Dataset data = random_dataset(25, 40, 500, 8);
  std::fill(data.timestamp.begin(), data.timestamp.end(), 7);
  for (const char* text : {"random:0.2", "kfold:3", "time:0.2", "last:2"}) {
    const SplitSpec spec = parse_split(text);
    EXPECT_NE(make_split(data, spec, 1).label, make_split(data, spec, 2).label) << text;
  }
}

TEST(Split, LastTakesTheAskedNumberOfEachUser) {
  const Dataset data = random_dataset(25, 40, 500, 8);
  for (const UserPart& part : by_user(data, make_split(data, parse_split("last:3"), 1))) {
    EXPECT_EQ(part.tested, std::min<std::int64_t>(3, part.trained + part.tested - 1));
  }
}

TEST(Split, NoneTrainsOnEverything) {
  const Dataset data = make_dataset(1, 1, {{0, 0, 3}});
  const Partition split = make_split(data, parse_split("none"), 1);
  EXPECT_TRUE(split.test.none());
  EXPECT_TRUE(split.train().test(split.label[0]));
}

TEST(Split, RefusesDataThatCannotBeDivided) {
  const Dataset one = make_dataset(1, 1, {{0, 0, 3}});
  EXPECT_THROW(make_split(one, parse_split("random:0.5"), 1), InputError);
  const Dataset two = make_dataset(2, 1, {{0, 0, 3}, {1, 0, 4}});
  EXPECT_THROW(make_split(two, parse_split("kfold:3"), 1), InputError);
  EXPECT_THROW(make_split(two, parse_split("last:1"), 1), InputError)
      << "each user has one rating, which stays in training";
  Dataset timeless = two;
  timeless.timestamp.clear();
  EXPECT_THROW(make_split(timeless, parse_split("time:0.5"), 1), InputError);
  EXPECT_THROW(make_split(two, parse_split("official"), 1), InputError);
}

TEST(Split, ParsesWhatItPrintsAndNothingElse) {
  for (const char* text : {"none", "random:0.1", "time:0.25", "last:3", "kfold:5", "kfold:5:2",
                           "kfold:127", "official", "official:3", "official:a"}) {
    EXPECT_EQ(to_string(parse_split(text)), text);
  }
  for (const char* text :
       {"", "random", "random:", "random:0", "random:1", "random:nan", "random:-0.1",
        "random:0.1:2", "time:2", "last:0", "last:1.5", "kfold:1", "kfold:128", "kfold:5:6",
        "kfold:5:0", "official:6", "official:c", "holdout:0.1", "none:1"}) {
    EXPECT_THROW(parse_split(text), UsageError) << text;
  }
}

// --- the official folds

class OfficialFolds : public testing::Test {
 protected:
  void SetUp() override {
    for (int n = 1; n <= 10; ++n) {
      const std::string row = std::to_string(n % 3) + "\t" + std::to_string(n) + "\t3\t7\n";
      data_ += row;
      for (int f = 1; f <= 5; ++f) ((n - 1) % 5 + 1 == f ? test_[f] : base_[f]) += row;
    }
  }
  Partition split(const char* spec = "official") {
    folder_.write("u.data", data_);
    for (int f = 1; f <= 5; ++f) {
      folder_.write("u" + std::to_string(f) + ".base", base_[f]);
      folder_.write("u" + std::to_string(f) + ".test", test_[f]);
    }
    return make_split(read_dataset(folder_.path()), parse_split(spec), 1);
  }

  TempFolder folder_;
  std::string data_;
  std::string base_[6];
  std::string test_[6];
};

TEST_F(OfficialFolds, LabelRatingsByTestFile) {
  const Partition split = this->split("official:2");
  EXPECT_EQ(split.labels, 5);
  EXPECT_EQ(label_counts(split), (std::vector<std::int64_t>{2, 2, 2, 2, 2}));
  EXPECT_EQ(split.test, LabelSet().set(1));
  const Dataset data = read_dataset(folder_.path());
  for (std::size_t at = 0; at < split.label.size(); ++at) {
    const int item = std::stoi(data.items.id(data.item[at]));
    EXPECT_EQ(split.label[at], (item - 1) % 5);
  }
}

TEST_F(OfficialFolds, RefuseOverlapsHolesAndStrangers) {
  const auto refused = [&] { EXPECT_THROW(split(), InputError); };
  const std::string kept = test_[3];
  test_[3] += "1\t1\t3\t7\n";
  refused();
  test_[3] = kept.substr(0, kept.find('\n') + 1);
  refused();
  test_[3] = kept + "1\t77\t3\t7\n";
  refused();
  test_[3] = kept;
  base_[2] += test_[2];
  refused();
}

}  // namespace
}  // namespace tusk
