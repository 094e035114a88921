// What tests of Gibbs sampling on an emulated GPU share.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "backend/bayes_session.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/bayes_work.hpp"
#include "cuda/cuda_backend.hpp"
#include "model/transposed.hpp"
#include "support/philox.hpp"
#include "tests/cuda/emulated_gpu.hpp"
#include "tests/cuda/emulated_test.hpp"
#include "tests/support/random_matrices.hpp"

namespace tusk::test {

// The first row has all columns and the second none, and so have the last columns.
inline SparseMatrixOf uneven(Index rows, Index columns, std::uint64_t seed) {
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
inline SparseMatrixOf of_rows_with_ratings(const SparseMatrixOf& features, const CsrView& ratings) {
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
        of_users(sparse(ratings.view().rows(), 9, 0.4, 5, false)),
        of_items(sparse(ratings.columns, ratings.columns + 3, 0.3, 6, false)) {
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
        sparse(ratings.view().rows(), ratings.view().rows() + 5, 0.4, 5, false), ratings.view());
    of_items = of_rows_with_ratings(sparse(ratings.columns, ratings.columns + 3, 0.3, 6, false),
                                    columns.view());
    problem.user_features = of_users.view();
    problem.item_features = of_items.view();
  }

  SparseMatrixOf ratings;
  SparseMatrixOf of_users;
  SparseMatrixOf of_items;
  BayesProblem problem;
};

class EmulatedBayes : public EmulatedTest {
 protected:
  using EmulatedTest::expect_near;
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
    return open_emulated_gpu()->open_bayes(BayesWork(problem, plan, threads, most_dense).work());
  }

  const std::unique_ptr<Backend> cpu_ = make_cpu_backend(1);
  const std::unique_ptr<Backend> gpu_ =
      make_cuda_backend(open_emulated_gpu(), make_cpu_backend(1), 1, {});
};

}  // namespace tusk::test
