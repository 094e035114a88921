// The order in which blocks of an epoch are trained by several threads.
#include "cpu/block_flow.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace tusk::test {
namespace {

std::vector<int> first_places(int count) {
  std::vector<int> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

template <class Work>
void in_threads(int count, const Work& work) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < count; ++t) threads.emplace_back(work);
}

TEST(BlockFlow, TrainsEachBlockOnceAfterThoseBeforeIt) {
  for (const int stripes : {1, 2, 7, 16}) {
    for (const int threads : {1, 2, 5, 20}) {
      const auto count = static_cast<std::size_t>(stripes);
      BlockFlow flow(draw_block_order(3, static_cast<std::uint64_t>(threads), stripes),
                     first_places(stripes));
      for (int item = 0; item < stripes; ++item) flow.set_ready(item, 0);
      // Rounds that a stripe has been trained in; a stripe in use is odd.
      std::vector<std::atomic<int>> user(count);
      std::vector<std::atomic<int>> item(count);
      std::atomic<int> wrong = 0;
      const auto train = [&](const BlockFlow::Block& block) {
        const int i = flow.item_stripe(block.w, block.round);
        auto& of_user = user[static_cast<std::size_t>(flow.user_stripe(block.w))];
        auto& of_item = item[static_cast<std::size_t>(i)];
        if (flow.place_of(i, block.round) != block.w) ++wrong;
        if (of_user.fetch_add(1) != 2 * block.round) ++wrong;
        if (of_item.fetch_add(1) != 2 * block.round) ++wrong;
        if ((block.w + block.round) % 3 == 0) std::this_thread::yield();
        ++of_user;
        ++of_item;
        flow.set_ready(i, block.round + 1);
        return 1000.0 * block.round + block.w;
      };
      in_threads(threads, [&] { flow.work([] {}, train); });
      EXPECT_EQ(wrong, 0) << stripes << ' ' << threads;
      for (std::size_t s = 0; s < count; ++s) {
        EXPECT_EQ(user[s], 2 * stripes);
        EXPECT_EQ(item[s], 2 * stripes);
      }
      for (int round = 0; round < stripes; ++round) {
        for (int w = 0; w < stripes; ++w) {
          EXPECT_EQ(flow.sums()[static_cast<std::size_t>(round * stripes + w)], 1000.0 * round + w);
        }
      }
    }
  }
}

// As several processes do: what is not own is trained elsewhere, and comes when look() finds it.
TEST(BlockFlow, WaitsForItemStripesFromElsewhere) {
  BlockFlow flow(draw_block_order(1, 1, 4), {1, 3});
  std::vector<int> trained;
  int looks = 0;
  flow.work(
      [&] {
        if (++looks % 5 != 0) return;
        for (const int w : flow.own()) {
          const int round = flow.next_round(w);
          if (round < 4) flow.set_ready(flow.item_stripe(w, round), round);
        }
      },
      [&](const BlockFlow::Block& block) {
        trained.push_back(block.w);
        return 1.0;
      });
  EXPECT_EQ(std::ranges::count(trained, 1), 4);
  EXPECT_EQ(std::ranges::count(trained, 3), 4);
  EXPECT_EQ(std::accumulate(flow.sums().begin(), flow.sums().end(), 0.0), 8);
  EXPECT_GE(looks, 20);
}

TEST(BlockFlow, AnExceptionEndsAllThreads) {
  BlockFlow flow(draw_block_order(1, 1, 3), first_places(3));
  for (int item = 0; item < 3; ++item) flow.set_ready(item, 0);
  std::atomic<int> thrown = 0;
  in_threads(3, [&] {
    try {
      // No item stripe goes on to the second round.
      flow.work([] {},
                [&](const BlockFlow::Block& block) -> double {
                  if (block.w == 2) throw std::runtime_error("no");
                  return 0;
                });
    } catch (const std::runtime_error&) {
      ++thrown;
    }
  });
  EXPECT_EQ(thrown, 1);
}

TEST(BlockFlow, AddsUpRoundByRound) {
  // In another order the small ones would be lost.
  EXPECT_EQ(BlockFlow::total({1e16, -1e16, 1, 2}, 2), 3);
  EXPECT_EQ(BlockFlow::total({1e16, 1, -1e16, 1}, 2), 0);
}

}  // namespace
}  // namespace tusk::test
