// Gibbs sampling by device code on emulated warps, against the CPU, from the same random numbers.
#include "backend/bayes_session.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "backend/self_test.hpp"
#include "bayes_launch.hpp"
#include "cpu/cpu_backend.hpp"
#include "cpu/cpu_bayes_session.hpp"
#include "cuda/bayes_plan.hpp"
#include "cuda/bayes_work.hpp"
#include "cuda/cuda_backend.hpp"
#include "model/transposed.hpp"
#include "support/philox.hpp"
#include "tests/cuda/emulated_gpu.hpp"
#include "tests/cuda/emulated_test.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

using test::emulated_memory;

// Entries with values of about unit variance.
SparseMatrixOf sparse(Index rows, Index columns, double share, std::uint64_t seed) {
  RandomSequence random(seed, 1);
  SparseMatrixOf matrix;
  matrix.columns = columns;
  for (Index row = 0; row < rows; ++row) {
    for (Index column = 0; column < columns; ++column) {
      if (random.uniform() >= share) continue;
      matrix.column.push_back(column);
      matrix.value.push_back(static_cast<float>(3.4 * (random.uniform() - 0.5)));
    }
    matrix.offset.push_back(std::ssize(matrix.column));
  }
  return matrix;
}

// The first row has all columns and the second none, and so have the last columns.
SparseMatrixOf uneven(Index rows, Index columns, std::uint64_t seed) {
  RandomSequence random(seed, 2);
  SparseMatrixOf matrix;
  matrix.columns = columns;
  for (Index row = 0; row < rows; ++row) {
    for (Index column = 0; column + 2 < columns; ++column) {
      if (row == 1 || (row > 1 && (row * 31 + column * 7) % 97 > 5)) continue;
      matrix.column.push_back(column);
      matrix.value.push_back(static_cast<float>(3.4 * (random.uniform() - 0.5)));
    }
    matrix.offset.push_back(std::ssize(matrix.column));
  }
  return matrix;
}

// Without the features of rows that have no ratings.
SparseMatrixOf of_rows_with_ratings(const SparseMatrixOf& features, const CsrView& ratings) {
  SparseMatrixOf matrix;
  matrix.columns = features.columns;
  const CsrView view = features.view();
  for (Index row = 0; row < view.rows(); ++row) {
    const auto columns = view.row(row);
    if (!ratings.row(row).empty()) {
      const auto first = static_cast<std::size_t>(view.offset[static_cast<std::size_t>(row)]);
      const auto values = view.value.subspan(first, columns.size());
      matrix.column.insert(matrix.column.end(), columns.begin(), columns.end());
      matrix.value.insert(matrix.value.end(), values.begin(), values.end());
    }
    matrix.offset.push_back(std::ssize(matrix.column));
  }
  return matrix;
}

enum class Links { none, users, items, both };

// Ratings with features of their own.
struct Sample {
  Sample(SparseMatrixOf matrix, Links links, int factors, int chains)
      : ratings(std::move(matrix)),
        of_users(sparse(ratings.view().rows(), 9, 0.4, 5)),
        of_items(sparse(ratings.columns, ratings.columns + 3, 0.3, 6)) {
    problem.ratings = ratings.view();
    if (links == Links::users || links == Links::both) problem.user_features = of_users.view();
    if (links == Links::items || links == Links::both) problem.item_features = of_items.view();
    problem.params = {factors, 11, chains};
  }
  Sample(const Sample&) = delete;

  // With more features than rows, all of rows that have ratings: the links themselves are drawn
  // only where they are kept.
  void make_implicit() {
    const Transposed columns(ratings.view());
    of_users = of_rows_with_ratings(
        sparse(ratings.view().rows(), ratings.view().rows() + 5, 0.4, 5), ratings.view());
    of_items =
        of_rows_with_ratings(sparse(ratings.columns, ratings.columns + 3, 0.3, 6), columns.view());
    problem.user_features = of_users.view();
    problem.item_features = of_items.view();
  }

  SparseMatrixOf ratings;
  SparseMatrixOf of_users;
  SparseMatrixOf of_items;
  BayesProblem problem;
};

class EmulatedBayes : public test::EmulatedTest {
 protected:
  static void expect_near(const std::vector<float>& found, const std::vector<float>& expected,
                          float tolerance, const char* what) {
    ASSERT_EQ(found.size(), expected.size()) << what;
    float worst = 0;
    float largest = 0;
    for (std::size_t at = 0; at < found.size(); ++at) {
      const float distance = std::abs(found[at] - expected[at]);
      worst = distance <= worst ? worst : distance;  // NaN, too
      largest = std::max(largest, std::abs(expected[at]));
    }
    EXPECT_LE(worst, tolerance * largest) << what;
  }

  // Within the tolerance times the largest number.
  static void expect_near(const BayesDraw& found, const BayesDraw& expected, float tolerance) {
    expect_near(found.user, expected.user, tolerance, "users");
    expect_near(found.item, expected.item, tolerance, "items");
    for (const auto side : {&BayesDraw::user_prior, &BayesDraw::item_prior}) {
      expect_near((found.*side).mean, (expected.*side).mean, tolerance, "means");
      expect_near((found.*side).precision, (expected.*side).precision, tolerance, "precisions");
    }
    expect_near(found.user_links, expected.user_links, tolerance, "links");
    EXPECT_NEAR(found.alpha, expected.alpha, static_cast<double>(tolerance) * expected.alpha);
  }

  void check(const Sample& sample, int sweeps = 2, float tolerance = 2e-5f) {
    const auto on_cpu = cpu_->open_bayes(sample.problem);
    const auto on_gpu = gpu_->open_bayes(sample.problem);
    check(*on_gpu, *on_cpu, sample.problem.params.chains, sweeps, tolerance);
  }

  static void check(BayesSession& found, BayesSession& expected, int chains, int sweeps,
                    float tolerance) {
    for (int sweep = 1; sweep <= sweeps; ++sweep) {
      SCOPED_TRACE(sweep);
      const std::vector<BayesSweep> errors = expected.run_sweep();
      const std::vector<BayesSweep> errors_found = found.run_sweep();
      ASSERT_EQ(errors_found.size(), errors.size());
      for (int chain = 0; chain < chains; ++chain) {
        SCOPED_TRACE(chain);
        const BayesSweep& own = errors[static_cast<std::size_t>(chain)];
        const BayesSweep& own_found = errors_found[static_cast<std::size_t>(chain)];
        EXPECT_NEAR(own_found.squared_error, own.squared_error,
                    static_cast<double>(tolerance) * (own.squared_error + 1));
        EXPECT_NEAR(own_found.alpha, own.alpha, static_cast<double>(tolerance) * own.alpha);
        expect_near(found.draw({{chain}}, true).front(), expected.draw({{chain}}, true).front(),
                    tolerance);
      }
    }
  }

  std::unique_ptr<BayesSession> open(const BayesProblem& problem, const BayesPlan& plan,
                                     Index most_dense = LinkFeatures::kMostDense) {
    ThreadPool threads(1);
    return test::open_emulated_gpu()->open_bayes(
        BayesWork(problem, plan, threads, most_dense).work());
  }

  const std::unique_ptr<Backend> cpu_ = make_cpu_backend(1);
  const std::unique_ptr<Backend> gpu_ =
      make_cuda_backend(test::open_emulated_gpu(), make_cpu_backend(1), 1, {});
};

TEST_F(EmulatedBayes, DrawsWhatTheCpuDraws) {
  for (const int factors : {1, 2, 7, 8, 16, 30, 31, 64}) {
    SCOPED_TRACE(factors);
    check(Sample(uneven(12, 40, 1), Links::both, factors, 1));
  }
}

// With one number more they are decomposed by cuSOLVER. Matrices of so many numbers and few ratings
// have larger errors of rounding, in single precision.
TEST_F(EmulatedBayes, DrawsLongVectors) {
  EXPECT_TRUE(draws_in_shared_memory(153));
  EXPECT_FALSE(draws_in_shared_memory(154));
  if (test::sanitized()) return;
  check(Sample(uneven(3, 8, 1), Links::none, 153, 1), 1, 1e-3f);
  check(Sample(uneven(3, 8, 1), Links::both, 154, 2), 1, 1e-3f);
  check(Sample(uneven(3, 8, 1), Links::none, 256, 1), 1, 1e-3f);
}

TEST_F(EmulatedBayes, DrawsOfTheSmallestProblems) {
  for (const Links links : {Links::none, Links::users, Links::items, Links::both}) {
    SCOPED_TRACE(static_cast<int>(links));
    for (const auto& [users, items] : {std::pair(1, 1), std::pair(1, 20), std::pair(20, 1)}) {
      check(Sample(sparse(users, items, 1, 3), links, 3, 1));
    }
  }
}

TEST_F(EmulatedBayes, DrawsMeansWithoutTheirLinks) {
  for (const int factors : {1, 7, 30, 31}) {
    SCOPED_TRACE(factors);
    for (const int chains : {1, 3}) {
      Sample sample(uneven(12, 40, 1), Links::both, factors, chains);
      sample.make_implicit();
      check(sample, 3);
    }
  }
}

// What is drawn in place of B's dimensions that have no image depends on how many these are.
TEST_F(EmulatedBayes, DrawsMeansOfManyMoreFeaturesThanRows) {
  Sample sample(uneven(6, 9, 1), Links::none, 3, 2);
  SparseMatrixOf features = of_rows_with_ratings(sparse(6, 50, 0.3, 5), sample.ratings.view());
  sample.problem.user_features = features.view();
  check(sample, 3);
}

TEST_F(EmulatedBayes, GoesOnFromAChainWithEqualBits) {
  for (const bool implicit : {false, true}) {
    for (const Links links : {Links::none, Links::both}) {
      if (implicit && links == Links::none) continue;
      Sample sample(uneven(12, 20, 9), links, 5, 2);
      if (implicit) sample.make_implicit();
      const auto whole = gpu_->open_bayes(sample.problem);
      for (int sweep = 0; sweep < 2; ++sweep) whole->run_sweep();
      const std::vector<BayesChain> chains = {whole->chain(0), whole->chain(1)};
      const auto resumed = gpu_->open_bayes(sample.problem);
      resumed->restore(2, chains);
      const BayesSweep expected = whole->run_sweep()[1];
      const BayesSweep found = resumed->run_sweep()[1];
      EXPECT_EQ(found.squared_error, expected.squared_error);
      EXPECT_EQ(found.alpha, expected.alpha);
      const BayesDraw draw = whole->draw({{1}}, true).front();
      const BayesDraw drawn = resumed->draw({{1}}, true).front();
      EXPECT_EQ(drawn.user, draw.user);
      EXPECT_EQ(drawn.item, draw.item);
      EXPECT_EQ(drawn.user_links, draw.user_links);
    }
  }
}

// A chain of the CPU goes on.
TEST_F(EmulatedBayes, GoesOnFromAChainOfTheCpu) {
  Sample sample(uneven(12, 20, 9), Links::both, 5, 1);
  sample.make_implicit();
  const auto on_cpu = cpu_->open_bayes(sample.problem);
  const auto on_gpu = gpu_->open_bayes(sample.problem);
  on_cpu->run_sweep();
  const BayesChain chain = on_cpu->chain(0);
  on_gpu->restore(1, {&chain, 1});
  check(*on_gpu, *on_cpu, 1, 1, 2e-5f);
}

TEST_F(EmulatedBayes, RatingsInGroupsAreTheCpus) {
  Sample sample(uneven(12, 20, 9), Links::none, 5, 1);
  std::vector<std::int64_t> offset(13, 1);
  offset[0] = 0;
  const std::vector<Index> group(sample.ratings.column.size(), kNone);
  sample.problem.user_groups = {offset, group};
  const auto on_cpu = cpu_->open_bayes(sample.problem);
  const auto found = gpu_->open_bayes(sample.problem);
  EXPECT_EQ(found->run_sweep()[0].alpha, on_cpu->run_sweep()[0].alpha);
  EXPECT_EQ(found->draw({{0}}, false)[0].user_groups.bias.size(), 1u);
  EXPECT_EQ(gpu_->plan_bayes(sample.problem).total(), cpu_->plan_bayes(sample.problem).total());
}

// A row has more ratings than a piece, and so have features.
TEST_F(EmulatedBayes, DrawsOfRowsInPieces) {
  Sample sample(uneven(4, 2 * kBayesPieceEntries + 100, 4), Links::none, 3, 1);
  SparseMatrixOf features = sparse(4, 2, 1, 7);
  sample.problem.user_features = features.view();
  SparseMatrixOf of_items = sparse(sample.ratings.columns, 2, 0.6, 8);
  sample.problem.item_features = of_items.view();
  check(sample);
}

TEST_F(EmulatedBayes, ChainsAreDrawnSideBySide) {
  for (const Links links : {Links::none, Links::users, Links::items, Links::both}) {
    SCOPED_TRACE(static_cast<int>(links));
    check(Sample(uneven(12, 20, 9), links, 5, 3), 3);
  }
}

TEST_F(EmulatedBayes, LinksAreDrawnByConjugateGradients) {
  for (const Links links : {Links::users, Links::items, Links::both}) {
    SCOPED_TRACE(static_cast<int>(links));
    const Sample sample(uneven(12, 20, 9), links, 5, 2);
    BayesPlan plan = plan_gpu_bayes(sample.problem, 0, std::uint64_t{1} << 40, "GPU");
    int asked = 0;  // before each step, too
    plan.check_stop = [&] { ++asked; };
    const auto on_gpu = open(sample.problem, plan, 0);
    CpuBayesSession on_cpu(std::make_shared<ThreadPool>(1), cpu_kernels(), sample.problem, 0);
    // They end at another step where rounding has it so.
    check(*on_gpu, on_cpu, 2, 3, 5e-4f);
    constexpr int kSolutions = 2 * 3;
    EXPECT_LT(asked, kSolutions * 20) << "steps are taken in vain";
  }
}

TEST_F(EmulatedBayes, ChainsChangeNoBitOfEachOther) {
  for (const Index most_dense : {LinkFeatures::kMostDense, Index{0}}) {
    const auto first_chain = [&](int chains) {
      const Sample sample(uneven(12, 20, 9), Links::both, 5, chains);
      const auto session = open(
          sample.problem, plan_gpu_bayes(sample.problem, most_dense, std::uint64_t{1} << 40, "GPU"),
          most_dense);
      for (int sweep = 0; sweep < 3; ++sweep) session->run_sweep();
      const BayesDraw draw = session->draw({{0}}, true).front();
      return std::pair(draw.user, draw.user_links);
    };
    EXPECT_EQ(first_chain(4), first_chain(1)) << most_dense;
  }
}

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

// With the smaller of values, matrices are not positive definite as rounding leaves them.
TEST_F(EmulatedBayes, NumbersBeyondFloatsAreSeenInTheError) {
  for (const auto& [factors, value] :
       {std::pair(3, 1e30f), std::pair(154, 1e30f), std::pair(153, 1e6f), std::pair(154, 1e6f)}) {
    Sample sample(uneven(4, 6, 2), Links::none, factors, 1);
    std::fill(sample.ratings.value.begin(), sample.ratings.value.end(), value);
    const auto session = gpu_->open_bayes(sample.problem);
    bool finite = true;
    for (int sweep = 0; sweep < 3 && finite; ++sweep) {
      finite = std::isfinite(session->run_sweep()[0].squared_error);
    }
    EXPECT_FALSE(finite) << factors << " factors, " << value;
  }
}

TEST_F(EmulatedBayes, MatricesThatAreNotDecomposedGiveNoNumbers) {
  const std::vector<std::int64_t> row_piece(3, 0);
  const std::vector<int> info = {0, 1};
  std::vector<float> right(64, 1);
  std::vector<float> vectors(64, 0);
  BayesArguments arguments;
  arguments.layout = {1, 32, 2};
  arguments.row_piece = row_piece.data();
  arguments.rows = 2;
  arguments.right = right.data();
  arguments.vectors = vectors.data();
  arguments.info = info.data();
  launch_vectors(arguments, nullptr);
  EXPECT_EQ(vectors[1], 1);
  EXPECT_EQ(vectors[2], 0);
  EXPECT_TRUE(std::isnan(vectors[32]));
  EXPECT_TRUE(std::isnan(vectors[33]));
}

TEST_F(EmulatedBayes, PassesTheSelfTest) {
  EXPECT_EQ(self_test_of_bayes(*gpu_, test::random_dataset(12, 9, 60, 5).ratings()), "");
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
