// Gibbs sampling: the distribution of the links from features to vectors.
#include "cpu/bayes_links.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <gtest/gtest.h>

#include "algebra/random_draws.hpp"
#include "backend/link_draws.hpp"
#include "support/thread_pool.hpp"
#include "tests/support/cpu_kernels.hpp"
#include "tests/support/random_matrices.hpp"

namespace tusk {
namespace {
using Eigen::MatrixXd;
using Eigen::VectorXd;
using test::dense;
using test::sparse;

// Without noise B is the mean of its distribution, by every method.
TEST(BayesLinks, HaveTheMeanOfTheirDistribution) {
  constexpr int kWidth = 5;
  ThreadPool pool(2);
  const WorkLoop loop(pool);
  const BayesLinks::Noise none = [](RandomUse, Index, double* out) { std::fill_n(out, kWidth, 0); };
  for (const auto& [rows, columns] : {std::pair(9, 14), std::pair(14, 9), std::pair(1, 3)}) {
    for (const Index most_dense : {100, 0}) {
      for (const bool all_known : {true, false}) {
        const SparseMatrixOf features = sparse(rows, columns, 0.6, 5, false);
        std::vector<bool> known(static_cast<std::size_t>(rows), true);
        if (rows > 3) known[2] = all_known;
        LinkFeatures shared(features.view(), known, loop, most_dense);
        shared.decompose();
        EXPECT_EQ(shared.size(), most_dense > 0 ? std::min(rows, columns) : 0);
        EXPECT_EQ(shared.only_known(), all_known || rows <= 3);
        BayesLinks links(shared, kWidth, cpu_kernels());
        RandomSequence random(9, 9);
        FactorRows vectors(rows, kWidth);
        MatrixXd given = MatrixXd::Zero(rows, kWidth);
        MatrixXd x = dense(features.view());
        const MatrixXd all = x;
        for (int r = 0; r < rows; ++r) {
          if (!known[static_cast<std::size_t>(r)]) x.row(r).setZero();
          for (int f = 0; f < kWidth && known[static_cast<std::size_t>(r)]; ++f) {
            vectors.row(r)[f] = static_cast<float>(draw_normal(random));
            given(r, f) = static_cast<double>(vectors.row(r)[f]);
          }
        }
        FactorRows again = vectors;
        FactorRows means(rows, kWidth);
        double precision = 1.7;
        const double drawn = links.draw(loop, precision, vectors, random, none, means);
        if (most_dense > 0) precision = drawn;
        const MatrixXd expected =
            (x.transpose() * x + precision * MatrixXd::Identity(columns, columns))
                .llt()
                .solve(x.transpose() * given);
        const MatrixXd expected_means = all * expected;
        const FactorRows found = links.links(loop, precision, again, none);
        for (int f = 0; f < kWidth; ++f) {
          for (int c = 0; c < columns; ++c) EXPECT_NEAR(found.row(c)[f], expected(c, f), 1e-3);
          for (int r = 0; r < rows; ++r) EXPECT_NEAR(means.row(r)[f], expected_means(r, f), 3e-3);
        }
      }
    }
  }
}

// What is drawn is affine in the noise, so that its distribution can be compared exactly; but for
// B'B, whose mean over many draws is compared.
TEST(LinkDraws, HaveTheirDistribution) {
  constexpr int kWidth = 2;
  constexpr double kPrecision = 0.8;
  for (const auto& [rows, columns] : {std::pair(4, 9), std::pair(4, 5), std::pair(7, 4)}) {
    const bool dual = rows < columns;
    const MatrixXd x = dense(sparse(rows, columns, 0.7, 3, false).view());
    const MatrixXd gram = dual ? MatrixXd(x * x.transpose()) : MatrixXd(x.transpose() * x);
    const Eigen::Tridiagonalization<MatrixXd> found(gram);
    const MatrixXd basis = found.matrixQ();
    const VectorXd diagonal = found.diagonal();
    const VectorXd beside = found.subDiagonal();
    const Eigen::Index size = gram.rows();
    RandomSequence random(5, 5);
    const MatrixXd vectors =
        MatrixXd::NullaryExpr(rows, kWidth, [&] { return draw_normal(random); });
    using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const Rows targets = basis.transpose() * (dual ? vectors : MatrixXd(x.transpose() * vectors));
    const auto span_of = [](const auto& of) {
      return std::span(of.data(), static_cast<std::size_t>(of.size()));
    };
    const RotatedLinks links = {
        {span_of(diagonal), span_of(beside)}, dual, columns, kWidth, span_of(targets)};
    // Of X B, or of B.
    const auto drawn = [&](const Rows& noise, const Rows& more) {
      const RotatedDraw draw = draw_links(random, kPrecision, links, span_of(noise), span_of(more));
      return MatrixXd(basis * Eigen::Map<const Rows>(draw.rows.data(), size, kWidth));
    };
    const MatrixXd inverse =
        (x.transpose() * x + kPrecision * MatrixXd::Identity(columns, columns)).inverse();
    const MatrixXd mean = inverse * x.transpose() * vectors;
    const Rows zero = Rows::Zero(size, kWidth);
    const MatrixXd middle = drawn(zero, zero);
    EXPECT_LT((middle - (dual ? MatrixXd(x * mean) : mean)).norm(), 1e-6);
    MatrixXd covariance = MatrixXd::Zero(size, size);
    for (Eigen::Index k = 0; k < size; ++k) {
      Rows one = zero;
      one(k, 0) = 1;
      for (const MatrixXd& moved : {drawn(one, zero), drawn(zero, one)}) {
        const VectorXd by = (moved - middle).col(0);
        covariance += by * by.transpose();
        EXPECT_LT((moved - middle).col(1).norm(), 1e-9);
      }
    }
    EXPECT_LT((covariance - (dual ? MatrixXd(x * inverse * x.transpose()) : inverse)).norm(), 1e-6);
    constexpr int kDraws = 20'000;
    MatrixXd sum = MatrixXd::Zero(kWidth, kWidth);
    for (int draw = 0; draw < kDraws; ++draw) {
      const auto normal = [&] { return draw_normal(random); };
      const Rows noise = Rows::NullaryExpr(size, kWidth, normal);
      const Rows more = Rows::NullaryExpr(size, kWidth, normal);
      sum += draw_links(random, kPrecision, links, span_of(noise), span_of(more)).scatter;
    }
    const MatrixXd expected =
        mean.transpose() * mean + inverse.trace() * MatrixXd::Identity(kWidth, kWidth);
    EXPECT_LT((sum / kDraws - expected).norm(), 0.02 * expected.norm());
  }
}

}  // namespace
}  // namespace tusk
