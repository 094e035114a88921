#include "cpu/rating_blocks.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

using Triple = std::tuple<Index, Index, float>;

std::vector<Label> labels(const Dataset& data) {
  std::vector<Label> label(data.rating.size());
  for (std::size_t at = 0; at < label.size(); ++at) label[at] = static_cast<Label>(at % 3);
  return label;
}

struct Shape {
  Index users;
  Index items;
  std::int64_t ratings;
};

ThreadPool three_threads(3);

class RatingBlocksTest : public testing::TestWithParam<Shape> {};

TEST_P(RatingBlocksTest, HoldEveryRatingOfThePartOnceAndNoOther) {
  const Dataset data =
      test::random_dataset(GetParam().users, GetParam().items, GetParam().ratings, 3);
  const auto label = labels(data);
  const LabelSet part = LabelSet().set(0).set(2);
  const RatingBlocks blocks(data.ratings(), label, part, three_threads);
  std::vector<Triple> expected;
  data.ratings().each([&](Index user, std::size_t at) {
    if (label[at] == 1) return;
    expected.emplace_back(blocks.user_row()[static_cast<std::size_t>(user)],
                          blocks.item_row()[static_cast<std::size_t>(data.item[at])],
                          data.rating[at]);
  });
  std::vector<Triple> found;
  for (int us = 0; us < blocks.stripes(); ++us) {
    for (int is = 0; is < blocks.stripes(); ++is) {
      std::set<Index> users;
      for (const UserRun& run : blocks.runs(us, is)) {
        EXPECT_TRUE(users.insert(run.user).second) << "one run a user and block";
        EXPECT_GT(run.count, 0u);
        for (std::uint32_t k = 0; k < run.count; ++k) {
          const auto at = static_cast<std::size_t>(run.first) + k;
          found.emplace_back(run.user, blocks.item()[at], blocks.rating()[at]);
        }
      }
    }
  }
  EXPECT_EQ(blocks.size(), static_cast<std::int64_t>(expected.size()));
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, expected);
}

TEST_P(RatingBlocksTest, NoTwoStripesShareAUserOrAnItem) {
  const Dataset data =
      test::random_dataset(GetParam().users, GetParam().items, GetParam().ratings, 4);
  const RatingBlocks blocks(data.ratings(), labels(data), LabelSet().set(), three_threads);
  std::map<Index, std::set<int>> user_stripes;
  std::map<Index, std::set<int>> item_stripes;
  for (int us = 0; us < blocks.stripes(); ++us) {
    for (int is = 0; is < blocks.stripes(); ++is) {
      for (const UserRun& run : blocks.runs(us, is)) {
        user_stripes[run.user].insert(us);
        for (std::uint32_t k = 0; k < run.count; ++k) {
          item_stripes[blocks.item()[static_cast<std::size_t>(run.first) + k]].insert(is);
        }
      }
    }
  }
  for (const auto& [user, stripes] : user_stripes) EXPECT_EQ(stripes.size(), 1u);
  for (const auto& [item, stripes] : item_stripes) EXPECT_EQ(stripes.size(), 1u);
}

TEST_P(RatingBlocksTest, RowsAreAPermutation) {
  const Dataset data =
      test::random_dataset(GetParam().users, GetParam().items, GetParam().ratings, 4);
  const RatingBlocks blocks(data.ratings(), labels(data), LabelSet().set(), three_threads);
  for (const auto* rows : {&blocks.user_row(), &blocks.item_row()}) {
    const std::set<Index> different(rows->begin(), rows->end());
    EXPECT_EQ(different.size(), rows->size());
    EXPECT_EQ(*different.begin(), 0);
    EXPECT_EQ(*different.rbegin(), static_cast<Index>(rows->size()) - 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, RatingBlocksTest,
                         testing::Values(Shape{1, 1, 1}, Shape{1, 60, 60}, Shape{60, 1, 60},
                                         Shape{40, 30, 400}, Shape{400, 300, 30'000}));

TEST(RatingBlocks, AreSeveralForALargeDataSet) {
  const Dataset data = test::random_dataset(400, 300, 30'000, 5);
  EXPECT_GE(RatingBlocks(data.ratings(), labels(data), LabelSet().set(), three_threads).stripes(),
            3);
}

}  // namespace
}  // namespace tusk
