#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/partition.hpp>

#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

using test::random_dataset;

FoldsSpec with_test(const char* folds, double fraction) {
  FoldsSpec spec = parse_folds(folds);
  spec.test_fraction = fraction;
  return spec;
}

FoldsSpec with_test_fold(const char* folds, int fold) {
  FoldsSpec spec = parse_folds(folds);
  spec.test_fold = fold;
  return spec;
}

std::int64_t count(const Partition& folds, const LabelSet& part) {
  return std::count_if(folds.label.begin(), folds.label.end(),
                       [&](Label label) { return part.test(label); });
}

// The parts of each fold and the test part hold every rating once.
void expect_a_partition(const Partition& folds) {
  LabelSet seen = folds.test;
  for (std::size_t f = 0; f < folds.fold_count(); ++f) {
    EXPECT_GT(count(folds, folds.held_out[f]), 0);
    EXPECT_TRUE((seen & folds.held_out[f]).none()) << "folds and test part share ratings";
    seen |= folds.held_out[f];
    EXPECT_EQ(
        count(folds, folds.train(f)) + count(folds, folds.held_out[f]) + count(folds, folds.test),
        std::ssize(folds.label));
    EXPECT_TRUE((folds.train(f) & folds.test).none());
  }
}

TEST(Folds, AreParsedAndNamed) {
  EXPECT_EQ(to_string(parse_folds("3")), "kfold:3");
  EXPECT_EQ(to_string(parse_folds("kfold:3")), "kfold:3");
  EXPECT_EQ(to_string(parse_folds("Official")), "official");
  EXPECT_EQ(to_string(parse_folds("time")), "time:0.2");
  EXPECT_EQ(to_string(parse_folds("time:0.3")), "time:0.3");
  for (const char* text : {"", "0", "1", "128", "3.5", "time:", "time:0", "time:1", "time:x",
                           "official:1", "kfold:1", "kfold:", "kfold:3:1"}) {
    EXPECT_THROW(parse_folds(text), UsageError) << text;
  }
}

TEST(Folds, WithoutATestPartAreThoseOfASplit) {
  const Dataset data = random_dataset(40, 30, 600, 1);
  const Partition folds = make_folds(data, parse_folds("4"), 7);
  EXPECT_EQ(folds.label, make_split(data, parse_split("kfold:4"), 7).label);
  EXPECT_EQ(folds.fold_count(), 4u);
  EXPECT_TRUE(folds.test.none());
  EXPECT_EQ(folds.description, "kfold:4 seed 7");
  expect_a_partition(folds);
  for (const LabelSet& part : folds.held_out)
    EXPECT_LE(std::abs(count(folds, part) - data.size() / 4), 1);
}

TEST(Folds, TheTestPartIsThatOfASplit) {
  const Dataset data = random_dataset(40, 30, 600, 1);
  const Partition folds = make_folds(data, with_test("3", 0.25), 5);
  const Partition split = make_split(data, parse_split("random:0.25"), 5);
  for (std::size_t at = 0; at < data.rating.size(); ++at) {
    EXPECT_EQ(folds.test.test(folds.label[at]), split.test.test(split.label[at]));
  }
  EXPECT_EQ(folds.fold_count(), 3u);
  expect_a_partition(folds);
  const std::int64_t rest = data.size() - count(folds, folds.test);
  for (const LabelSet& part : folds.held_out) EXPECT_LE(std::abs(count(folds, part) - rest / 3), 1);
  EXPECT_EQ(folds.description, "kfold:3 seed 5, test random:0.25");
}

TEST(Folds, AFoldCanBeTheTestPart) {
  const Dataset data = random_dataset(40, 30, 600, 1);
  const Partition all = make_folds(data, parse_folds("4"), 7);
  for (int fold = 1; fold <= 4; ++fold) {
    const Partition folds = make_folds(data, with_test_fold("4", fold), 7);
    EXPECT_EQ(folds.label, all.label);
    EXPECT_EQ(folds.test, all.held_out[static_cast<std::size_t>(fold) - 1]);
    EXPECT_EQ(folds.fold_count(), 3u);
    expect_a_partition(folds);
  }
}

// Of one user, what is tested comes last, and before it what is held out.
TEST(Folds, ByTimeFollowEachOther) {
  Dataset data = random_dataset(20, 40, 500, 2);
  for (std::size_t at = 0; at < data.timestamp.size(); ++at) {
    data.timestamp[at] = static_cast<std::int64_t>(at * 7919 % 1009);
  }
  for (const FoldsSpec& spec : {parse_folds("time:0.3"), with_test("time:0.3", 0.2)}) {
    const Partition folds = make_folds(data, spec, 1);
    ASSERT_EQ(folds.fold_count(), 1u);
    expect_a_partition(folds);
    for (Index user = 0; user < data.users.size(); ++user) {
      constexpr std::int64_t kLate = std::numeric_limits<std::int64_t>::max();
      std::int64_t latest_train = -1;
      std::int64_t first_held = kLate;
      std::int64_t latest_held = -1;
      std::int64_t first_test = kLate;
      const auto u = static_cast<std::size_t>(user);
      for (auto k = data.offset[u]; k < data.offset[u + 1]; ++k) {
        const auto at = static_cast<std::size_t>(k);
        const std::int64_t time = data.timestamp[at];
        if (folds.test.test(folds.label[at])) {
          first_test = std::min(first_test, time);
        } else if (folds.held_out[0].test(folds.label[at])) {
          first_held = std::min(first_held, time);
          latest_held = std::max(latest_held, time);
        } else {
          latest_train = std::max(latest_train, time);
        }
      }
      EXPECT_LE(latest_train, first_held);
      EXPECT_LE(std::max(latest_held, latest_train), first_test);
    }
  }
}

TEST(Folds, RefuseWhatMakesNoSense) {
  const Dataset data = random_dataset(10, 10, 50, 1);
  FoldsSpec both = with_test("3", 0.1);
  both.test_fold = 1;
  EXPECT_THROW(make_folds(data, both, 1), UsageError);
  for (const double fraction : {0.0, 1.0, -0.1, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(make_folds(data, with_test("3", fraction), 1), UsageError) << fraction;
  }
  for (const int fold : {0, -1, 4}) {
    EXPECT_THROW(make_folds(data, with_test_fold("3", fold), 1), UsageError) << fold;
  }
  EXPECT_THROW(make_folds(data, with_test_fold("2", 1), 1), UsageError);
  EXPECT_THROW(make_folds(data, with_test_fold("time", 1), 1), UsageError);
  EXPECT_THROW(make_folds(data, parse_folds("100"), 1), InputError);
  EXPECT_THROW(make_folds(test::make_dataset(1, 1, {{0, 0, 3}}), parse_folds("2"), 1), InputError);
  const Dataset three = test::make_dataset(1, 3, {{0, 0, 3}, {0, 1, 3}, {0, 2, 3}});
  EXPECT_THROW(make_folds(three, with_test("3", 0.3), 1), InputError);
  EXPECT_EQ(make_folds(three, with_test("2", 0.3), 1).fold_count(), 2u);
}

}  // namespace
}  // namespace tusk
