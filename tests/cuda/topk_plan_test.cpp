// What the host arranges for top-K search on a GPU.
#include "cuda/topk_plan.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "cuda/cuda_topk_session.hpp"
#include "cuda/topk_layout.hpp"

namespace tusk {
namespace {

MfState some_state(Index users, Index items, int factors) {
  MfState state;
  state.users = users;
  state.items = items;
  state.factors = factors;
  const auto size = [&](Index rows) {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(factors);
  };
  state.user_factors.assign(size(users), 0.5f);
  for (std::size_t at = 0; at < size(items); ++at) {
    state.item_factors.push_back(static_cast<float>(at % 7));
  }
  state.user_bias.assign(static_cast<std::size_t>(users), 0.25f);
  state.item_bias.assign(static_cast<std::size_t>(items), 0.5f);
  return state;
}

constexpr std::uint64_t kMuchMemory = std::uint64_t{1} << 40;

TEST(TopKPlan, LooksAtEveryCandidateOnceAndAtPromisingOnesFirst) {
  MfState state = some_state(3, 50, 4);
  std::fill(state.item_factors.begin(), state.item_factors.end(), 0.1f);
  state.item_bias[30] = 2;
  state.item_factors[4 * 20] = 9;
  std::vector<Index> candidates;
  for (Index i = 10; i < 50; i += 2) candidates.push_back(i);
  CudaDotWork work = plan_dot(state, candidates, {}, kMuchMemory, "");
  EXPECT_EQ(work.items[0], 20);
  EXPECT_EQ(work.items[1], 30);
  for (std::size_t at = 0; at < work.items.size(); ++at) {
    EXPECT_EQ(candidates[static_cast<std::size_t>(work.rank[at])], work.items[at]);
  }
  std::sort(work.items.begin(), work.items.end());
  EXPECT_EQ(work.items, candidates);
}

TEST(TopKPlan, WhatCannotFitIsRefusedWithTheBytes) {
  const MfState state = some_state(10'000, 5'000, 64);
  const std::vector<Index> candidates = {0, 1, 2};
  // The reserve, the state, a step of items, and a block of users with the longest lists.
  const std::uint64_t needed = (std::uint64_t{128} << 20) + 4 * 15'000 * 65 + 64 * (128 + 16) +
                               kBlockUsers * batch_bytes_per_user(64, kLongestGpuList);
  EXPECT_NO_THROW(plan_dot(state, candidates, {}, needed, "small GPU"));
  try {
    plan_dot(state, candidates, {}, needed - 1, "small GPU");
    FAIL() << "planned";
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find("recommending needs"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("small GPU has"), std::string::npos) << error.what();
  }
  EXPECT_THROW(plan_dot(state, candidates, {}, 0, ""), DeviceError);
}

TEST(TopKPlan, BatchesAreWholeBlocksOfWhatFits) {
  const std::uint64_t user = batch_bytes_per_user(64, 10);
  EXPECT_EQ(users_per_batch(kMuchMemory, 64, 10, 1), 128u);
  EXPECT_EQ(users_per_batch(kMuchMemory, 64, 10, 129), 256u);
  EXPECT_EQ(users_per_batch(300 * user, 64, 10, 1'000'000), 256u);
  EXPECT_EQ(users_per_batch(0, 64, 10, 1'000'000), 128u);
}

TEST(TopKPlan, ListsHaveRoomForAStepAfterEveryLook) {
  for (int k = 1; k <= kLongestGpuList; ++k) {
    const ListSizes sizes = list_sizes(k);
    EXPECT_GT(sizes.longest(), k);
    for (int kept = 0; kept <= sizes.longest(); ++kept) {
      ASSERT_LE(sizes.next_look(kept) + kStepItems, sizes.capacity);
    }
    ASSERT_LE(sizes.capacity, 4096) << "keys are sorted in 32 KiB of shared memory";
  }
}

TEST(TopKPlan, PlacesOfFactorsDoNotMeet) {
  constexpr int kRows = 32;
  constexpr int kFactors = 96;
  for (const auto place : {user_factor_place, item_factor_place}) {
    std::vector<int> used(kRows * kFactors, 0);
    for (int row = 0; row < kRows; ++row) {
      for (int f = 0; f < kFactors; ++f) ++used.at(place(row, f, kFactors / kChunkFactors));
    }
    EXPECT_EQ(used, std::vector<int>(used.size(), 1));
  }
}

TEST(TopKPlan, UnusualMagnitudesAreLeftToTheCpu) {
  MfState state = some_state(2, 2, 3);
  EXPECT_TRUE(suits_gpu_search(state));
  state.user_factors[1] = -1e30f;
  EXPECT_FALSE(suits_gpu_search(state));
  state = some_state(2, 2, 3);
  state.item_bias[0] = 1e20f;
  EXPECT_FALSE(suits_gpu_search(state));
  state = some_state(2, 2, 3);
  state.item_factors[4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(suits_gpu_search(state));
  state = some_state(2, 2, 0);
  EXPECT_FALSE(suits_gpu_search(state));
}

// Gives the number of rows as every item, and leaves the places open that it was told to.
class FakeGpu : public DotSession {
 public:
  explicit FakeGpu(std::vector<std::size_t> undecided) : undecided_(std::move(undecided)) {}

  std::vector<std::size_t> query(std::span<const Index> rows, int k, TopK& top) override {
    std::fill(top.index.begin(), top.index.end(), static_cast<Index>(rows.size()));
    std::fill(top.score.begin(), top.score.end(), static_cast<float>(k));
    return undecided_;
  }
  double search_milliseconds() const override { return 0; }

 private:
  std::vector<std::size_t> undecided_;
};

// Gives the user's own number.
class FakeCpu : public DotTopKSession {
 public:
  TopK query_new(const UserVectors&, CsrView, int k) override {
    const Index row = 77;
    return query({&row, 1}, k);
  }
  TopK query(std::span<const Index> rows, int k) override {
    TopK top{static_cast<Index>(rows.size()), k, {}, {}};
    for (const Index row : rows) {
      top.index.insert(top.index.end(), static_cast<std::size_t>(k), row);
      top.score.insert(top.score.end(), static_cast<std::size_t>(k), -1.0f);
    }
    return top;
  }
};

TEST(CudaTopKSession, AsksTheCpuForWhatTheGpuLeavesOpen) {
  int opened = 0;
  const auto open = [&] {
    ++opened;
    return std::make_unique<FakeCpu>();
  };
  const std::vector<Index> rows = {11, 12, 13};
  CudaTopKSession decided(std::make_unique<FakeGpu>(std::vector<std::size_t>()), 5000, open);
  EXPECT_EQ(decided.query(rows, 2).index, (std::vector<Index>{3, 3, 3, 3, 3, 3}));
  EXPECT_EQ(opened, 0);
  EXPECT_EQ(decided.query(rows, kLongestGpuList + 1).index[0], 11) << "too long for the GPU";
  CudaTopKSession open_ended(std::make_unique<FakeGpu>(std::vector<std::size_t>{0, 2}), 2, open);
  const TopK top = open_ended.query(rows, 3);
  EXPECT_EQ(top.index, (std::vector<Index>{11, 11, kNone, 3, 3, kNone, 13, 13, kNone}));
  EXPECT_EQ(top.score[0], -1);
  EXPECT_EQ(top.score[3], 2) << "no more than there are candidates";
  EXPECT_EQ(open_ended.query_new({}, {}, 1).index, std::vector<Index>{77}) << "users who are new";
}

}  // namespace
}  // namespace tusk
