// The emulator of warps itself: a fault in it would be a fault in every test of device code.
#include "tests/cuda/warp_emulator.hpp"

#include <array>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace tusk {
namespace {

using test::EmulatedWarp;

TEST(EmulatedWarp, GivesEveryLaneTheValuesOfAll) {
  std::vector<unsigned> sum(64);
  for (unsigned block = 0; block < 2; ++block) {
    EmulatedWarp::run(block, 2, [&] {
      unsigned mine = threadIdx.x;
      for (int offset = 16; offset > 0; offset /= 2) mine += __shfl_xor_sync(~0u, mine, offset);
      sum[blockIdx.x * EmulatedWarp::kLanes + threadIdx.x] = mine;
    });
  }
  EXPECT_EQ(sum, std::vector<unsigned>(64, 31 * 32 / 2));
}

// Arrays on the stacks of lanes stay as they are while other lanes run.
TEST(EmulatedWarp, KeepsTheStackOfEveryLane) {
  std::array<unsigned, EmulatedWarp::kLanes> wrong{};
  EmulatedWarp::run(0, 1, [&] {
    volatile unsigned stack[1024];
    for (unsigned n = 0; n < 1024; ++n) stack[n] = n * threadIdx.x;
    __syncwarp();
    for (unsigned n = 0; n < 1024; ++n) {
      if (stack[n] != n * threadIdx.x) ++wrong[threadIdx.x];
    }
  });
  EXPECT_EQ(wrong, (std::array<unsigned, EmulatedWarp::kLanes>{}));
}

// After which warps run as before.
TEST(EmulatedWarp, ReportsLanesThatDoNotMeet) {
  for (int n = 0; n < 3; ++n) {
    EXPECT_THROW(EmulatedWarp::run(0, 1,
                                   [] {
                                     if (threadIdx.x != 5) __syncwarp();
                                   }),
                 std::logic_error);
    EXPECT_THROW(EmulatedWarp::run(0, 1, [] { threadIdx.x == 5 ? __syncthreads() : __syncwarp(); }),
                 std::logic_error);
    unsigned ran = 0;
    EmulatedWarp::run(0, 1, [&] {
      volatile char stack[2048];
      for (auto& byte : stack) byte = 1;
      __syncwarp();
      ++ran;
    });
    EXPECT_EQ(ran, EmulatedWarp::kLanes);
  }
}

}  // namespace
}  // namespace tusk
