// iALS by device code on emulated warps, against the CPU.
#include "backend/als_session.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/als_plan.hpp"
#include "cuda/cuda_backend.hpp"
#include "tests/cuda/emulated_gpu.hpp"
#include "tests/cuda/emulated_test.hpp"
#include "tests/support/als_params.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

using test::emulated_memory;

constexpr AlsMethod kMethods[] = {AlsMethod::conjugate_gradient, AlsMethod::cholesky};

using test::als_params;

class EmulatedAls : public test::EmulatedTest {
 protected:
  // Users and items without ratings, and a user with more of them than a piece has.
  static Dataset ratings() {
    std::vector<test::Rating> ratings;
    for (Index item = 0; item < 1100; ++item)
      ratings.push_back({3, item, static_cast<float>(1 + item % 5)});
    for (Index user = 5; user < 30; ++user) {
      for (Index n = 0; n < user; ++n) {
        ratings.push_back(
            {user, (user * 37 + n * 11) % 1100, static_cast<float>(1 + (user + n) % 5)});
      }
    }
    return test::make_dataset(31, 1105, ratings);
  }

  // Within the tolerance times the largest factor.
  static void expect_near(const MfState& found, const MfState& expected, float tolerance) {
    ASSERT_EQ(found.users, expected.users);
    ASSERT_EQ(found.items, expected.items);
    EXPECT_FALSE(found.biased);
    const auto compare = [&](const std::vector<float>& a, const std::vector<float>& b) {
      ASSERT_EQ(a.size(), b.size());
      float worst = 0;
      float largest = 0;
      for (std::size_t at = 0; at < a.size(); ++at) {
        worst = std::max(worst, std::abs(a[at] - b[at]));
        largest = std::max(largest, std::abs(b[at]));
      }
      EXPECT_LE(worst, tolerance * largest);
    };
    compare(found.user_factors, expected.user_factors);
    compare(found.item_factors, expected.item_factors);
  }

  const std::unique_ptr<Backend> cpu_ = make_cpu_backend(1);
  const std::unique_ptr<Backend> gpu_ =
      make_cuda_backend(test::open_emulated_gpu(), make_cpu_backend(1), 1, {});
};

TEST_F(EmulatedAls, TrainsAsTheCpuDoes) {
  const Dataset data = ratings();
  for (const AlsMethod method : kMethods) {
    for (const int factors : {1, 33, 100, 520}) {
      // Systems of that size take a minute.
      if (method == AlsMethod::cholesky && factors > 100) continue;
      if (test::sanitized() && factors > 33) continue;
      SCOPED_TRACE(factors);
      const AlsProblem problem{data.ratings(), als_params(factors, method)};
      const auto on_cpu = cpu_->open_als(problem);
      const auto on_gpu = gpu_->open_als(problem);
      expect_near(on_gpu->state(), on_cpu->state(), 1e-6f);
      for (int epoch = 0; epoch < 2; ++epoch) {
        const double expected = on_cpu->run_epoch();
        const double loss = on_gpu->run_epoch();
        const MfState state = on_gpu->state();
        EXPECT_NEAR(loss, als_loss(state, problem.weights, problem.params), 1e-5 * loss);
        // Rounding grows from epoch to epoch: two instruction sets of the CPU differ by a third.
        EXPECT_NEAR(loss, expected, 2e-4 * expected);
        expect_near(state, on_cpu->state(), 5e-3f);
      }
    }
  }
}

TEST_F(EmulatedAls, BatchesChangeNoBit) {
  const Dataset data = test::random_dataset(40, 30, 400, 5);
  for (const AlsMethod method : kMethods) {
    const AlsProblem problem{data.ratings(), als_params(20, method)};
    const auto trained = [&](const AlsBatchLimits& limits) {
      AlsPlan plan = plan_gpu_als(problem, std::uint64_t{1} << 40, "GPU");
      if (limits.rows > 0) plan.batch = limits;
      const auto session = test::open_emulated_gpu()->open_als(problem, plan);
      session->run_epoch();
      return session->state();
    };
    const MfState all = trained({});
    for (const AlsBatchLimits& limits : {AlsBatchLimits{1, 1}, {7, 1000}, {1000, 5}}) {
      EXPECT_EQ(trained(limits).user_factors, all.user_factors) << limits.rows;
      EXPECT_EQ(trained(limits).item_factors, all.item_factors) << limits.rows;
    }
  }
}

TEST_F(EmulatedAls, RowsAreDividedIntoPieces) {
  const Dataset data = ratings();
  const AlsPieces pieces = divide_rows(data.ratings());
  ASSERT_EQ(pieces.first.size(), 32u);
  EXPECT_EQ(pieces.first[3], 0);
  EXPECT_EQ(pieces.first[4], 3);
  EXPECT_EQ(pieces.first[5], 3);  // user 4 has no ratings
  EXPECT_EQ(pieces.first[6], 4);
  EXPECT_EQ(pieces.begin[2], 1024);
  EXPECT_EQ(pieces.begin.back(), std::ssize(data.rating));
  EXPECT_EQ(pieces.row[2], 3);
  EXPECT_EQ(pieces.row[3], 5);
  EXPECT_EQ(als_batches(pieces, {1, 1}).size(), 32u);
  EXPECT_EQ(als_batches(pieces, {1000, 1000}), (std::vector<Index>{0, 31}));
  EXPECT_EQ(als_batches(pieces, {20, 1000}), (std::vector<Index>{0, 20, 31}));
  EXPECT_EQ(als_batches(pieces, {1000, 4}), (std::vector<Index>{0, 6, 10, 14, 18, 22, 26, 31}));
}

TEST_F(EmulatedAls, OneRatingIsEnough) {
  const Dataset data = test::make_dataset(1, 1, {{0, 0, 1}});
  for (const AlsMethod method : kMethods) {
    const auto session = gpu_->open_als({data.ratings(), als_params(3, method)});
    double loss = 0;
    for (int epoch = 0; epoch < 5; ++epoch) loss = session->run_epoch();
    EXPECT_GT(loss, 0);
    EXPECT_LT(loss, 1);
  }
}

// Their matrices are 0 where the unobserved have no weight.
TEST_F(EmulatedAls, RowsWithoutEntriesStayZero) {
  const Dataset data = ratings();
  for (const AlsMethod method : kMethods) {
    AlsParams params = als_params(8, method);
    params.unobserved_weight = 0;
    const AlsProblem problem{data.ratings(), params};
    const auto session = gpu_->open_als(problem);
    EXPECT_NEAR(session->run_epoch(), cpu_->open_als(problem)->run_epoch(), 1e-2);
    const MfState state = session->state();
    for (std::size_t f = 0; f < 8; ++f) {
      EXPECT_EQ(state.user_factors[4 * 8 + f], 0);
      EXPECT_EQ(state.item_factors[1104 * 8 + f], 0);
    }
  }
}

TEST_F(EmulatedAls, StopsBetweenBatches) {
  const Dataset data = test::random_dataset(20, 20, 100, 5);
  const AlsProblem problem{data.ratings(), als_params(4, kMethods[0])};
  AlsPlan plan = plan_gpu_als(problem, std::uint64_t{1} << 40, "GPU");
  int asked = 0;
  plan.batch.rows = 5;
  plan.check_stop = [&] {
    if (++asked == 7) throw Interrupted();
  };
  const auto session = test::open_emulated_gpu()->open_als(problem, plan);
  EXPECT_THROW(session->run_epoch(), Interrupted);
  EXPECT_EQ(asked, 7);
}

TEST_F(EmulatedAls, FactorsBeyondFloatsAreSeenInTheLoss) {
  const Dataset data = test::random_dataset(20, 20, 100, 5);
  for (const AlsMethod method : kMethods) {
    AlsParams params = als_params(4, method);
    params.init_std = 1e30f;
    const auto session = gpu_->open_als({data.ratings(), params});
    session->run_epoch();
    EXPECT_FALSE(std::isfinite(session->run_epoch()));
  }
}

TEST_F(EmulatedAls, TakesTheMemoryOfItsPlan) {
  const Dataset data = ratings();
  for (const AlsMethod method : kMethods) {
    const AlsProblem problem{data.ratings(), als_params(40, method)};
    emulated_memory() = {};
    const MfMemory plan = gpu_->plan_als(problem);
    gpu_->open_als(problem)->run_epoch();
    // The reserve and the libraries take nothing here.
    constexpr std::size_t kLibraries = std::size_t{256} << 20;
    constexpr std::size_t kReserve = std::size_t{128} << 20;
    EXPECT_LE(emulated_memory().peak + kLibraries, plan.total());
    // With the least memory that is enough, and some more, batches are small.
    std::size_t least = kReserve + kLibraries;
    for (bool enough = false; !enough; least += 20'000) {
      emulated_memory() = {};
      emulated_memory().limit = least;
      try {
        const MfMemory tight = gpu_->plan_als(problem);
        gpu_->open_als(problem)->run_epoch();
        EXPECT_LE(emulated_memory().peak + kLibraries, tight.total()) << least;
        EXPECT_LE(tight.total() + kReserve, least);
        enough = true;
      } catch (const DeviceError& error) {
        EXPECT_NE(std::string(error.what()).find("of GPU memory"), std::string::npos);
      }
    }
    EXPECT_GT(plan.total() + kReserve, least);
  }
}

TEST_F(EmulatedAls, GivesEverythingBackWhereverItFails) {
  const Dataset data = test::random_dataset(9, 7, 30, 5);
  for (const AlsMethod method : kMethods) {
    const AlsProblem problem{data.ratings(), als_params(4, method)};
    const int calls = fail_everywhere([&] {
      const auto session = gpu_->open_als(problem);
      session->run_epoch();
      session->state();
    });
    EXPECT_GT(calls, 30);
  }
}

}  // namespace
}  // namespace tusk
