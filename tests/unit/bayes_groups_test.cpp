// Biases of groups of ratings in Gibbs sampling against the distribution that they and a vector
// have together.
#include <cmath>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/LU>
#include <gtest/gtest.h>

#include <tusk/dataset.hpp>

#include "cpu/bayes_side.hpp"
#include "models/bayes/time_biases.hpp"
#include "tests/support/cpu_kernels.hpp"
#include "tests/support/random_matrices.hpp"

namespace tusk {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

// Two users who have rated on two days each and without a time, and the items.
class BayesGroupsTest : public testing::Test {
 protected:
  static constexpr int kFactors = 2;
  static constexpr int kWidth = kFactors + 1;
  static constexpr int kUsers = 2;
  static constexpr double kAlpha = 2.5;

  BayesGroupsTest()
      : groups_(ratings_.view(), times_of(ratings_)),
        item_groups_by_item_(by_column(ratings_.view(), columns_.offset, groups_.item_group)),
        user_groups_by_item_(by_column(ratings_.view(), columns_.offset, groups_.user_group)),
        users_(false, ratings_.view(), nullptr,
               {groups_.days.offset(), groups_.user_group, groups_.item_group}, kParams, 0, loop_,
               cpu_kernels()),
        items_(true, columns_.view(), nullptr,
               {groups_.periods.offset(), item_groups_by_item_, user_groups_by_item_}, kParams, 0,
               loop_, cpu_kernels()) {
    users_.draw_prior(WorkLoop(), 1);
    items_.draw_prior(WorkLoop(), 1);
    items_.draw_vectors(users_, kAlpha, 1);
  }

  static std::vector<std::int64_t> times_of(const SparseMatrixOf& ratings) {
    std::vector<std::int64_t> time;
    for (std::size_t at = 0; at < ratings.column.size(); ++at) {
      time.push_back(at % 4 == 3 ? kNoTime : static_cast<std::int64_t>(at % 2) * kSecondsOfADay);
    }
    return time;
  }

  // What is multiplied with the user's vector, and the value that it and the user's group explain.
  VectorXd design(std::size_t at) const {
    const std::vector<float> item = items_.vectors();
    VectorXd z(kWidth);
    for (int f = 0; f < kFactors; ++f) {
      z[f] = static_cast<double>(item[static_cast<std::size_t>(ratings_.column[at] * kWidth + f)]);
    }
    z[kFactors] = 1;
    return z;
  }
  double value(std::size_t at) const {
    const Index group = groups_.item_group[at];
    const float bias =
        items_.vectors()[static_cast<std::size_t>(ratings_.column[at] * kWidth + kFactors)];
    const float of_group =
        group == kNone ? 0 : items_.groups().bias[static_cast<std::size_t>(group)];
    return static_cast<double>(ratings_.value[at] - bias - of_group);
  }

  static constexpr BayesParams kParams = {kFactors, 3, 1};
  const SparseMatrixOf ratings_ = test::sparse(kUsers, 12, 0.7, 11, false);
  const Transposed columns_{ratings_.view()};
  const WorkLoop loop_;
  const TimeGroups groups_;
  const std::vector<Index> item_groups_by_item_;
  const std::vector<Index> user_groups_by_item_;
  BayesSide users_;
  BayesSide items_;
};

TEST_F(BayesGroupsTest, ErrorsAreThoseOfVectorsAndBiases) {
  ASSERT_EQ(groups_.days.period().size(), 4u);
  for (int draw = 0; draw < 4; ++draw) {
    const double error = users_.draw_vectors(items_, kAlpha, static_cast<std::uint64_t>(draw) + 2);
    const std::vector<float> user = users_.vectors();
    double direct = 0;
    ratings_.view().each([&](Index u, std::size_t at) {
      const VectorXd x =
          Eigen::Map<const Eigen::VectorXf>(user.data() + u * kWidth, kWidth).cast<double>();
      const Index group = groups_.user_group[at];
      const double bias =
          group == kNone
              ? 0
              : static_cast<double>(users_.groups().bias[static_cast<std::size_t>(group)]);
      direct += std::pow(value(at) - x.dot(design(at)) - bias, 2);
    });
    EXPECT_NEAR(error, direct, 1e-4 * direct);
  }
}

// [x_u, the biases of the user's days] given all else is normal with a known mean and covariance.
TEST_F(BayesGroupsTest, VectorsAndBiasesHaveTheirPosterior) {
  constexpr int kDays = 2;
  constexpr int kSize = kWidth + kDays;
  constexpr int kDraws = 40'000;
  const BayesPrior prior = users_.prior();
  std::vector<MatrixXd> matrix(kUsers, MatrixXd::Zero(kSize, kSize));
  std::vector<VectorXd> right(kUsers, VectorXd::Zero(kSize));
  std::vector<VectorXd> sum(kUsers, VectorXd::Zero(kSize));
  std::vector<MatrixXd> squares(kUsers, MatrixXd::Zero(kSize, kSize));
  // tau changes from draw to draw: the moments are those of numbers that are made standard normal.
  int count = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    const double tau = users_.groups().precision;
    users_.draw_vectors(items_, kAlpha, static_cast<std::uint64_t>(draw) + 2);
    const std::vector<float> user = users_.vectors();
    const std::vector<float> bias = users_.groups().bias;
    for (int u = 0; u < kUsers; ++u) {
      MatrixXd& a = matrix[static_cast<std::size_t>(u)];
      VectorXd& b = right[static_cast<std::size_t>(u)];
      if (draw == 0) {
        for (int i = 0; i < kWidth; ++i) {
          for (int j = 0; j < kWidth; ++j) {
            a(i, j) =
                static_cast<double>(prior.precision[static_cast<std::size_t>(i * kWidth + j)]);
            b[i] += a(i, j) * static_cast<double>(prior.mean[static_cast<std::size_t>(j)]);
          }
        }
        ratings_.view().each([&](Index row, std::size_t at) {
          if (row != u) return;
          VectorXd z = VectorXd::Zero(kSize);
          z.head(kWidth) = design(at);
          if (const Index group = groups_.user_group[at]; group != kNone) {
            z[kWidth + group - kDays * u] = 1;
          }
          a += kAlpha * z * z.transpose();
          b += kAlpha * z * value(at);
        });
      }
      MatrixXd with_tau = a;
      for (int g = 0; g < kDays; ++g) with_tau(kWidth + g, kWidth + g) += tau;
      const Eigen::LLT<MatrixXd> solver(with_tau);
      VectorXd x(kSize);
      for (int f = 0; f < kWidth; ++f) {
        x[f] = static_cast<double>(user[static_cast<std::size_t>(u * kWidth + f)]);
      }
      for (int g = 0; g < kDays; ++g) {
        x[kWidth + g] = static_cast<double>(bias[static_cast<std::size_t>(kDays * u + g)]);
      }
      const VectorXd standard = solver.matrixU() * VectorXd(x - solver.solve(b));
      sum[static_cast<std::size_t>(u)] += standard;
      squares[static_cast<std::size_t>(u)] += standard * standard.transpose();
    }
    ++count;
  }
  for (int u = 0; u < kUsers; ++u) {
    for (int i = 0; i < kSize; ++i) {
      EXPECT_NEAR(sum[static_cast<std::size_t>(u)][i] / count, 0, 5 / std::sqrt(count));
      for (int j = 0; j < kSize; ++j) {
        EXPECT_NEAR(squares[static_cast<std::size_t>(u)](i, j) / count, i == j ? 1 : 0, 0.04);
      }
    }
  }
}

}  // namespace
}  // namespace tusk
