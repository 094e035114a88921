// How rows are divided and memory is shared out before neighbours are found.
#include "cuda/neighbour_plan.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "model/similarity.hpp"
#include "tests/support/neighbours.hpp"

namespace tusk {
namespace {

constexpr SharedMemory kShared{228 << 10, 1 << 10};
constexpr std::uint64_t kPlenty = std::uint64_t{1} << 40;

TEST(RowRanges, EveryRowHasASlotOfItsOwn) {
  for (const RowRanges ranges : {RowRanges{1, 128}, RowRanges{3, 64}, RowRanges{7, 32}}) {
    std::vector<int> taken(static_cast<std::size_t>(ranges.ranges * ranges.slots), 0);
    for (Index row = 0; row < ranges.ranges * ranges.slots; ++row) {
      ASSERT_LT(ranges.range(row), ranges.ranges);
      ASSERT_LT(ranges.slot(row), ranges.slots);
      EXPECT_EQ(ranges.row(ranges.range(row), ranges.slot(row)), row);
      ++taken[static_cast<std::size_t>(ranges.range(row) * ranges.slots + ranges.slot(row))];
    }
    EXPECT_EQ(std::count(taken.begin(), taken.end(), 1), std::ssize(taken));
  }
}

NeighbourPlan plan_of(const NeighbourProblem& problem, std::uint64_t free = kPlenty) {
  return plan_neighbours(problem, kShared, free, "GPU of paper");
}

// A matrix of so many rows in which one entry is.
struct Tall {
  explicit Tall(Index rows) : offset(static_cast<std::size_t>(rows) + 1, 1) { offset[0] = 0; }
  NeighbourProblem problem(SimilarityMetric metric) const {
    NeighbourProblem problem;
    problem.rows = {offset, column, value, 1};
    problem.similarity.metric = metric;
    return problem;
  }

  std::vector<std::int64_t> offset;
  std::vector<Index> column = {0};
  std::vector<float> value = {1};
};

TEST(NeighbourPlan, RangesHoldAllRowsAndFitIntoSharedMemory) {
  const Tall tall(100'000);
  const auto room = [&](SimilarityMetric metric) { return plan_of(tall.problem(metric)).ranges; };
  for (const SimilarityMetric metric : test::kMetrics) {
    const RowRanges ranges = room(metric);
    EXPECT_GE(std::int64_t{ranges.ranges} * ranges.slots, 100'000);
    EXPECT_EQ(ranges.slots % kWarpLanes, 0);
  }
  // Sixteen warps of a multiprocessor have their sums there.
  const auto bytes = [](const RowRanges& ranges, std::size_t of_row) {
    return 16 * (static_cast<std::size_t>(ranges.slots) * of_row + kShared.reserved_per_block);
  };
  for (const auto& [metric, size] :
       {std::pair(SimilarityMetric::cosine, sizeof(WholeCosine<1>)),
        std::pair(SimilarityMetric::pearson, sizeof(Pearson<1>)),
        std::pair(SimilarityMetric::pearson_baseline, sizeof(BaselinePearson<1>))}) {
    EXPECT_LE(bytes(room(metric), size), kShared.per_multiprocessor);
    EXPECT_GE(bytes(room(metric), size), kShared.per_multiprocessor * 8 / 10);
  }
  const Tall small(1);
  EXPECT_EQ(plan_of(small.problem(SimilarityMetric::cosine)).ranges.ranges, 1);
  EXPECT_EQ(plan_of(small.problem(SimilarityMetric::cosine)).ranges.slots, kWarpLanes);
}

TEST(NeighbourPlan, ListsHaveRoomForKAndNoMoreThanAllRows) {
  EXPECT_GE(list_capacity(50, 1000), 50);
  EXPECT_EQ(list_capacity(50, 20), 20);
  EXPECT_EQ(list_capacity(kMostNeighbours, 5000), 5000);
}

TEST(NeighbourPlan, BatchesFitWhateverIsAsked) {
  for (const Index rows : {1, 40, 100'000}) {
    const Tall tall(rows);
    const NeighbourProblem problem = tall.problem(SimilarityMetric::cosine);
    const auto with = [&](std::uint64_t free) {
      try {
        return plan_of(problem, free).batch_bytes;
      } catch (const DeviceError&) {
        return std::uint64_t{0};
      }
    };
    // The least memory that is not refused.
    std::uint64_t least = kPlenty;
    for (std::uint64_t step = kPlenty / 2; step > 0; step /= 2) {
      if (with(least - step) > 0) least -= step;
    }
    for (const std::uint64_t free : {least, 2 * least, kPlenty}) {
      const NeighbourPlan plan = plan_of(problem, free);
      EXPECT_LT(plan.resident_bytes + plan.batch_bytes, free);
      for (const int k : {1, 50, static_cast<int>(rows)}) {
        for (const bool own : {true, false}) {
          const NeighbourBatch batch = plan_batch(plan, k, rows, own);
          EXPECT_GE(batch.rows, 1);
          EXPECT_GE(batch.lists, 1);
          EXPECT_LE(static_cast<std::uint64_t>(batch.rows) * static_cast<std::uint64_t>(rows) *
                            sizeof(double) +
                        static_cast<std::uint64_t>(batch.lists) * list_bytes(k, rows),
                    plan.batch_bytes);
        }
      }
    }
  }
}

TEST(NeighbourPlan, TooLittleMemoryIsADeviceErrorThatSaysHowMuchIsNeeded) {
  const Tall tall(1'000'000);
  try {
    plan_of(tall.problem(SimilarityMetric::cosine), std::uint64_t{130} << 20);
    FAIL();
  } catch (const DeviceError& error) {
    const std::string what = error.what();
    for (const char* part : {"GPU of paper", " MB", "2.1 MB left", "use device cpu"}) {
      EXPECT_NE(what.find(part), std::string::npos) << what;
    }
  }
}

}  // namespace
}  // namespace tusk
