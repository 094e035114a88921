#include "support/thread_pool.hpp"

#include <atomic>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

namespace tusk {
namespace {

class ThreadPoolTest : public testing::TestWithParam<int> {};

TEST_P(ThreadPoolTest, DoesEveryTaskOnce) {
  ThreadPool pool(GetParam());
  ASSERT_EQ(pool.threads(), GetParam());
  for (const int count : {0, 1, 2, 3, 100}) {
    std::vector<std::atomic<int>> done(static_cast<std::size_t>(count));
    pool.parallel_for(count, [&](std::int64_t i, int thread) {
      ASSERT_LT(thread, pool.threads());
      ++done[static_cast<std::size_t>(i)];
    });
    for (const auto& d : done) EXPECT_EQ(d, 1);
  }
}

TEST_P(ThreadPoolTest, PassesAnExceptionOnAndGoesOnWorking) {
  ThreadPool pool(GetParam());
  for (int round = 0; round < 20; ++round) {
    EXPECT_THROW(pool.parallel_for(50,
                                   [](std::int64_t i, int) {
                                     if (i == 7) throw std::runtime_error("seven");
                                   }),
                 std::runtime_error);
    std::atomic<int> done = 0;
    pool.parallel_for(10, [&](std::int64_t, int) { ++done; });
    EXPECT_EQ(done, 10);
  }
}

TEST_P(ThreadPoolTest, EndsALoopWhenAskedAndGoesOnWorking) {
  std::atomic<int> done = 0;
  ThreadPool pool(GetParam(), [&] { return done >= 20; });
  const auto task = [&](std::int64_t, int) { ++done; };
  for (int round = 0; round < 20; ++round) {
    EXPECT_NO_THROW(pool.check_stop());
    EXPECT_THROW(pool.parallel_for(10'000, task), Interrupted);
    EXPECT_GE(done, 20);
    EXPECT_LT(done, 20 + pool.threads()) << "no thread begins a task after that";
    EXPECT_THROW(pool.check_stop(), Interrupted);
    EXPECT_THROW(pool.parallel_for(1, task), Interrupted);
    done = 0;
    pool.parallel_for(10, task);
    EXPECT_EQ(done, 10);
    done = 0;
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolTest, testing::Values(1, 2, 5));

TEST(ThreadPool, TakesAllThreadsForZero) { EXPECT_GE(ThreadPool(0).threads(), 1); }

}  // namespace
}  // namespace tusk
