// How ratings are arranged for a GPU: none lost, none twice, nothing longer than kernels take.
#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "cuda/hogwild_ratings.hpp"
#include "cuda/strata_ratings.hpp"
#include "cuda/visit_order.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

using Entry = std::tuple<Index, Index, float, Label>;  // user, item, rating, label

struct Shape {
  Index users;
  Index items;
  std::int64_t ratings;
};

constexpr Shape kShapes[] = {{1, 1, 1},     {1, 2000, 2000}, {60, 1, 60},
                             {40, 30, 400}, {5, 3000, 9000}, {400, 300, 30'000}};

ThreadPool threads(3);

std::vector<Label> labels(const Dataset& data) {
  std::vector<Label> label(data.rating.size());
  for (std::size_t at = 0; at < label.size(); ++at) label[at] = static_cast<Label>(at % 3);
  return label;
}

const LabelSet kPart = LabelSet().set(0).set(2);

// Those whose label is in kPart.
std::vector<Entry> entries(const Dataset& data, const std::vector<Label>& label) {
  std::vector<Entry> expected;
  data.ratings().each([&](Index user, std::size_t at) {
    if (kPart.test(label[at])) {
      expected.emplace_back(user, data.item[at], data.rating[at], label[at]);
    }
  });
  std::sort(expected.begin(), expected.end());
  return expected;
}

class RatingsForAGpu : public testing::TestWithParam<Shape> {
 protected:
  const Dataset data_ =
      test::random_dataset(GetParam().users, GetParam().items, GetParam().ratings, 3);
  const std::vector<Label> label_ = labels(data_);
};

TEST_P(RatingsForAGpu, RunsHoldEveryRatingOnceAndAreShort) {
  const auto packed = pack_hogwild(data_.ratings(), label_, kPart, true, 1 << 30, threads);
  std::vector<Entry> found;
  std::int64_t next = 0;
  for (const UserRun& run : packed.runs) {
    EXPECT_EQ(run.first, next);
    EXPECT_GE(run.count, 1u);
    EXPECT_LE(run.count, kLongestRun);
    next += run.count;
    for (auto at = static_cast<std::size_t>(run.first); at < static_cast<std::size_t>(next); ++at) {
      found.emplace_back(run.user, packed.rating[at].item, packed.rating[at].value,
                         packed.label[at]);
    }
  }
  EXPECT_EQ(packed.rating.size(), static_cast<std::size_t>(next));
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, entries(data_, label_));
  EXPECT_EQ(packed.chunks.size(), found.empty() ? 0u : 1u);
}

TEST_P(RatingsForAGpu, ChunksHoldEveryRunOnceAndFit) {
  constexpr std::uint64_t kBytes = 6000;
  const auto packed = pack_hogwild(data_.ratings(), label_, kPart, true, kBytes, threads);
  std::size_t run = 0;
  std::int64_t rating = 0;
  for (const RunChunk& chunk : packed.chunks) {
    EXPECT_EQ(chunk.first_run, run);
    EXPECT_EQ(chunk.first_rating, rating);
    EXPECT_GE(chunk.runs, 1u);
    EXPECT_LE(chunk.bytes(true), kBytes);
    std::int64_t ratings = 0;
    for (std::size_t r = 0; r < chunk.runs; ++r) ratings += packed.runs[run + r].count;
    EXPECT_EQ(chunk.ratings, ratings);
    run += chunk.runs;
    rating += ratings;
  }
  EXPECT_EQ(run, packed.runs.size());
  EXPECT_EQ(rating, static_cast<std::int64_t>(packed.rating.size()));
}

TEST_P(RatingsForAGpu, RunsDependOnTheRatingsAlone) {
  ThreadPool one(1);
  const auto a = pack_hogwild(data_.ratings(), label_, kPart, false, 1 << 30, threads);
  const auto b = pack_hogwild(data_.ratings(), label_, kPart, false, 1 << 30, one);
  EXPECT_TRUE(a.label.empty());
  ASSERT_EQ(a.rating.size(), b.rating.size());
  for (std::size_t at = 0; at < a.rating.size(); ++at) {
    EXPECT_EQ(a.rating[at].item, b.rating[at].item);
    EXPECT_EQ(a.rating[at].value, b.rating[at].value);
  }
}

TEST_P(RatingsForAGpu, StrataHoldEveryRatingOnce) {
  const auto packed = pack_strata(data_.ratings(), label_, kPart, true, threads);
  const auto stripes = static_cast<std::size_t>(packed.stripes);
  const auto ids = [](const std::vector<Index>& row) {
    std::vector<Index> id(row.size(), kNone);
    for (std::size_t i = 0; i < row.size(); ++i) {
      EXPECT_EQ(std::exchange(id[static_cast<std::size_t>(row[i])], static_cast<Index>(i)), kNone)
          << "two of one row";
    }
    return id;
  };
  const std::vector<Index> user_of = ids(packed.user_row);
  const std::vector<Index> item_of = ids(packed.item_row);
  std::vector<Entry> found;
  for (std::size_t us = 0; us < stripes; ++us) {
    for (std::size_t is = 0; is < stripes; ++is) {
      const std::size_t block = us * stripes + is;
      for (auto at = static_cast<std::size_t>(packed.first[block]);
           at < static_cast<std::size_t>(packed.first[block + 1]); ++at) {
        const BlockRating& rating = packed.rating[at];
        const Index user = packed.first_user_row[us] + rating.user;
        const Index item = packed.first_item_row[is] + rating.item;
        // Within its stripe, so that blocks of other stripes do not meet it.
        ASSERT_LT(user, packed.first_user_row[us + 1]);
        ASSERT_LT(item, packed.first_item_row[is + 1]);
        found.emplace_back(user_of[static_cast<std::size_t>(user)],
                           item_of[static_cast<std::size_t>(item)], rating.value, packed.label[at]);
      }
    }
  }
  EXPECT_EQ(static_cast<std::size_t>(packed.first.back()), packed.rating.size());
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, entries(data_, label_));
}

TEST_P(RatingsForAGpu, StrataDependOnTheRatingsAlone) {
  ThreadPool one(1);
  const auto a = pack_strata(data_.ratings(), label_, kPart, false, threads);
  const auto b = pack_strata(data_.ratings(), label_, kPart, false, one);
  EXPECT_TRUE(a.label.empty());
  EXPECT_EQ(a.first, b.first);
  EXPECT_EQ(a.user_row, b.user_row);
  ASSERT_EQ(a.rating.size(), b.rating.size());
  for (std::size_t at = 0; at < a.rating.size(); ++at) {
    EXPECT_EQ(a.rating[at].user, b.rating[at].user);
    EXPECT_EQ(a.rating[at].item, b.rating[at].item);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, RatingsForAGpu, testing::ValuesIn(kShapes), [](const auto& test) {
  return std::to_string(test.param.users) + "x" + std::to_string(test.param.items);
});

TEST(StrataRatings, BlocksAreNearlyEqual) {
  const Dataset data = test::random_dataset(2000, 1500, 100'000, 5);
  const std::vector<Label> label(data.rating.size());
  const auto packed = pack_strata(data.ratings(), label, LabelSet().set(), false, threads);
  ASSERT_GT(packed.stripes, 20);
  std::int64_t largest = 0;
  for (std::size_t block = 0; block + 1 < packed.first.size(); ++block) {
    largest = std::max(largest, packed.first[block + 1] - packed.first[block]);
  }
  EXPECT_LT(largest, 3 * data.size() / (packed.stripes * packed.stripes));
}

TEST(StrataRatings, RowsWithoutRatingsAreSharedOut) {
  const Dataset data = test::random_dataset(3000, 300, 2'000, 5);
  std::vector<Label> label(data.rating.size(), 1);
  for (std::size_t at = 0; at < 500; ++at) label[at] = 0;
  const auto packed = pack_strata(data.ratings(), label, LabelSet().set(0), false, threads);
  ASSERT_GE(packed.stripes, 2);
  for (std::size_t s = 0; s < static_cast<std::size_t>(packed.stripes); ++s) {
    EXPECT_LT(packed.first_user_row[s + 1] - packed.first_user_row[s],
              3000 / packed.stripes * 3 / 2);
  }
}

TEST(StrataRatings, StripesAreNeverMoreThanUsersOrItems) {
  EXPECT_EQ(strata_stripes(0, 10, 10), 1);
  EXPECT_EQ(strata_stripes(1'000'000, 1, 1000), 1);
  EXPECT_EQ(strata_stripes(1'000'000, 1000, 7), 7);
  EXPECT_EQ(strata_stripes(25'000'000, 160'000, 59'000), 320);
}

TEST(VisitOrder, VisitsEveryRatingOfARunOnce) {
  for (std::uint32_t count = 1; count <= kLongestRun; ++count) {
    for (std::uint64_t run = 0; run < 16; ++run) {
      const RunVisit visit = visit_run(7, 3, run, count);
      std::vector<bool> seen(count, false);
      for (std::uint32_t k = 0; k < count; ++k) {
        const std::uint32_t place = visit.place(k, count);
        ASSERT_LT(place, count);
        ASSERT_FALSE(seen[place]) << "count " << count << ", step " << visit.step;
        seen[place] = true;
      }
    }
  }
}

TEST(VisitOrder, IsDrawnFromTheSeedTheEpochAndTheRun) {
  const auto draw = [](std::uint64_t seed, std::uint64_t epoch, std::uint64_t which) {
    const RunVisit visit = visit_run(seed, epoch, which, 500);
    return std::tuple(visit.start, visit.step, block_start(seed, epoch, which, 1'000'000));
  };
  EXPECT_EQ(draw(1, 2, 3), draw(1, 2, 3));
  EXPECT_NE(draw(1, 2, 3), draw(2, 2, 3));
  EXPECT_NE(draw(1, 2, 3), draw(1, 3, 3));
  EXPECT_NE(draw(1, 2, 3), draw(1, 2, 4));
  for (std::uint64_t block = 0; block < 100; ++block) EXPECT_LT(block_start(1, 1, block, 3), 3u);
}

TEST(RunsOfUser, AreAsFewAsTheLengthAllows) {
  EXPECT_EQ(runs_of_user(0), 0);
  EXPECT_EQ(runs_of_user(1), 1);
  EXPECT_EQ(runs_of_user(kLongestRun), 1);
  EXPECT_EQ(runs_of_user(kLongestRun + 1), 2);
}

}  // namespace
}  // namespace tusk
