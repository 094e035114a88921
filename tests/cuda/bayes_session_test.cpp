// Gibbs sampling by device code on emulated warps, against the CPU, from the same random numbers.
#include "backend/bayes_session.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "backend/self_test.hpp"
#include "bayes_launch.hpp"
#include "cpu/cpu_bayes_session.hpp"
#include "cuda/bayes_plan.hpp"
#include "tests/cuda/bayes_test.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

using test::EmulatedBayes;
using test::Links;
using test::of_rows_with_ratings;
using test::Sample;
using test::sparse;
using test::uneven;

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
      check(Sample(sparse(users, items, 1, 3, false), links, 3, 1));
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
  SparseMatrixOf features =
      of_rows_with_ratings(sparse(6, 50, 0.3, 5, false), sample.ratings.view());
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
  SparseMatrixOf features = sparse(4, 2, 1, 7, false);
  sample.problem.user_features = features.view();
  SparseMatrixOf of_items = sparse(sample.ratings.columns, 2, 0.6, 8, false);
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
    EXPECT_LT(asked, kSolutions * 20) << "more steps than the solutions need";
  }
}

// Sums over features go on after the first chunk of these, which is empty.
TEST_F(EmulatedBayes, ConjugateGradientsOfManyFeatures) {
  Sample sample(uneven(6, 9, 1), Links::none, 3, 2);
  SparseMatrixOf features = sparse(6, 50, 0.4, 5, false);
  for (Index& column : features.column) column += Index{kMomentRows};
  features.columns += Index{kMomentRows};
  sample.problem.user_features = features.view();
  const BayesPlan plan = plan_gpu_bayes(sample.problem, 0, std::uint64_t{1} << 40, "GPU");
  const auto on_gpu = open(sample.problem, plan, 0);
  CpuBayesSession on_cpu(std::make_shared<ThreadPool>(1), cpu_kernels(), sample.problem, 0);
  check(*on_gpu, on_cpu, 2, 1, 5e-4f);
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

}  // namespace
}  // namespace tusk
