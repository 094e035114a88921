// Batches of Gibbs sampling on an emulated GPU, its memory, and calls that fail.
#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "cuda/bayes_plan.hpp"
#include "tests/cuda/bayes_test.hpp"

namespace tusk {
namespace {

using test::emulated_memory;
using test::EmulatedBayes;
using test::Links;
using test::Sample;
using test::uneven;

TEST_F(EmulatedBayes, BatchesChangeNoBit) {
  for (const int factors : {5, 154}) {
    const Sample sample(uneven(9, factors > 100 ? 6 : 30, 2), Links::none, factors, 2);
    const auto numbers = [&](const AlsBatchLimits& limits) {
      BayesPlan plan = plan_gpu_bayes(sample.problem, 0, std::uint64_t{1} << 40, "GPU");
      if (limits.rows > 0) plan.batch = limits;
      const auto session = open(sample.problem, plan);
      session->run_sweep();
      BayesDraw draw = session->draw({{1}}, false).front();
      return std::pair(std::move(draw.user), std::move(draw.item));
    };
    const auto all = numbers({});
    for (const AlsBatchLimits& limits : {AlsBatchLimits{1, 1}, {4, 1000}, {1000, 3}}) {
      EXPECT_EQ(numbers(limits), all) << limits.rows;
    }
  }
}

TEST_F(EmulatedBayes, StopsBetweenBatches) {
  const Sample sample(uneven(9, 30, 2), Links::none, 3, 1);
  BayesPlan plan = plan_gpu_bayes(sample.problem, 0, std::uint64_t{1} << 40, "GPU");
  int asked = 0;
  plan.batch.rows = 5;
  plan.check_stop = [&] {
    if (++asked == 7) throw Interrupted();
  };
  const auto session = open(sample.problem, plan);
  EXPECT_THROW(session->run_sweep(), Interrupted);
  EXPECT_EQ(asked, 7);
}

TEST_F(EmulatedBayes, TakesTheMemoryOfItsPlan) {
  for (const int factors : {20, 154}) {
    for (const Links links : {Links::none, Links::both}) {
      for (const Index most_dense : {LinkFeatures::kMostDense, Index{0}}) {
        Sample sample(uneven(9, 14, 1), links, factors, 2);
        if (factors == 20 && links == Links::both) sample.make_implicit();
        const auto peak = [&](std::uint64_t free) {
          emulated_memory() = {};
          emulated_memory().limit = free;
          const BayesPlan plan = plan_gpu_bayes(sample.problem, most_dense, free, "GPU");
          const auto session = open(sample.problem, plan, most_dense);
          session->run_sweep();
          session->draw({{0, 1}}, true);
          return std::pair(emulated_memory().peak, plan.memory.total());
        };
        // The reserve and the libraries take nothing here.
        constexpr std::size_t kLibraries = std::size_t{256} << 20;
        constexpr std::size_t kReserve = std::size_t{128} << 20;
        const auto [most, planned] = peak(std::uint64_t{1} << 32);
        EXPECT_LE(most + kLibraries, planned);
        EXPECT_LE(planned, most + kLibraries + (most + (1 << 14)) / 5) << "the plan is too large";
        // With the least memory that is enough, batches are small.
        bool enough = false;
        for (std::size_t least = kReserve + kLibraries; !enough; least += planned / 2000) {
          try {
            const auto [tight, tight_plan] = peak(least);
            EXPECT_LE(tight + kLibraries, tight_plan) << least;
            EXPECT_LE(tight_plan + kReserve, least);
            enough = true;
          } catch (const DeviceError& error) {
            EXPECT_NE(std::string(error.what()).find("of GPU memory"), std::string::npos);
          }
        }
      }
    }
  }
}

TEST_F(EmulatedBayes, GivesEverythingBackWhereverItFails) {
  for (const int factors : {2, 154}) {
    for (const Index most_dense : {LinkFeatures::kMostDense, Index{0}}) {
      if (test::sanitized() && factors > 2) continue;
      const Sample sample(uneven(3, 5, 1), Links::both, factors, 1);
      const BayesPlan plan =
          plan_gpu_bayes(sample.problem, most_dense, std::uint64_t{1} << 40, "GPU");
      const int calls = fail_everywhere([&] {
        const auto session = open(sample.problem, plan, most_dense);
        session->run_sweep();
        session->draw({{0}}, true);
        const BayesChain chain = session->chain(0);
        session->restore(1, {&chain, 1});
      });
      EXPECT_GT(calls, 60);
    }
  }
}

}  // namespace
}  // namespace tusk
