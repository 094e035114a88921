// Gibbs sampling: random numbers, single conditional distributions against their formulas, and
// whole chains against the model that the data were drawn from.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/LU>
#include <gtest/gtest.h>

#include <tusk/dataset.hpp>

#include "algebra/random_draws.hpp"
#include "backend/bayes_session.hpp"
#include "cpu/bayes_side.hpp"
#include "cpu/cpu_backend.hpp"
#include "cpu/cpu_bayes_session.hpp"
#include "models/bayes/time_biases.hpp"
#include "tests/support/cpu_kernels.hpp"
#include "tests/support/random_matrices.hpp"

namespace tusk {
namespace {
using Eigen::MatrixXd;
using Eigen::VectorXd;
using test::dense;
using test::sparse;

TEST(RandomDraws, QuantilesInvertTheNormalDistribution) {
  for (const double p :
       {1.1641532182693481e-10, 1e-6, 0.01, 0.0749, 0.0751, 0.3, 0.5, 0.7, 0.999}) {
    EXPECT_NEAR(std::erfc(-normal_quantile(p) / std::sqrt(2.0)) / 2 / p, 1, 1e-13) << p;
    if (p > 0.01) {
      EXPECT_NEAR(normal_quantile(1 - p), -normal_quantile(p), 1e-13);
    }
  }
  EXPECT_EQ(normal_quantile(0.5), 0);
}

TEST(RandomDraws, GammaNumbersHaveTheirMoments) {
  RandomSequence random(3, 5);
  for (const double shape : {0.3, 1.0, 2.5, 400.0}) {
    constexpr int kDraws = 200'000;
    double sum = 0;
    double squares = 0;
    for (int k = 0; k < kDraws; ++k) {
      const double x = draw_gamma(random, shape);
      ASSERT_GT(x, 0);
      sum += x;
      squares += (x - shape) * (x - shape);
    }
    // Mean and variance are the shape; the bounds are 5 standard errors.
    EXPECT_NEAR(sum / kDraws, shape, 5 * std::sqrt(shape / kDraws));
    const double fourth = 3 * shape * shape + 6 * shape;
    EXPECT_NEAR(squares / kDraws, shape, 5 * std::sqrt((fourth - shape * shape) / kDraws));
  }
}

TEST(RandomDraws, WishartMatricesHaveTheirMeanAndVariance) {
  RandomSequence random(3, 6);
  MatrixXd scale(3, 3);
  scale << 2, 0.5, 0.1, 0.5, 1, -0.3, 0.1, -0.3, 0.7;
  const MatrixXd root = scale.llt().matrixL();
  constexpr double kDegrees = 5.5;
  constexpr int kDraws = 100'000;
  MatrixXd sum = MatrixXd::Zero(3, 3);
  MatrixXd squares = MatrixXd::Zero(3, 3);
  for (int k = 0; k < kDraws; ++k) {
    const MatrixXd one = draw_wishart_root(random, kDegrees, root);
    const MatrixXd product = one * one.transpose();
    sum += product;
    squares += product.cwiseProduct(product);
  }
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      const double mean = kDegrees * scale(i, j);
      const double variance = kDegrees * (scale(i, j) * scale(i, j) + scale(i, i) * scale(j, j));
      EXPECT_NEAR(sum(i, j) / kDraws, mean, 5 * std::sqrt(variance / kDraws));
      EXPECT_NEAR(squares(i, j) / kDraws - mean * mean, variance, 0.05 * variance);
    }
  }
}

// With the items fixed, users have a normal distribution that is known.
TEST(BayesSide, VectorsGivenTheOthersHaveTheirPosterior) {
  constexpr int kFactors = 3;
  constexpr int kWidth = kFactors + 1;
  constexpr double kAlpha = 2.5;
  const SparseMatrixOf ratings = sparse(4, 30, 0.5, 11, true);
  const Transposed columns(ratings.view());
  const BayesParams params{kFactors, 3, 1};
  const WorkLoop loop;
  BayesSide items(true, columns.view(), nullptr, {}, params, 0, loop, cpu_kernels());
  BayesSide users(false, ratings.view(), nullptr, {}, params, 0, loop, cpu_kernels());
  users.draw_prior(WorkLoop(), 1);
  items.draw_prior(WorkLoop(), 1);
  items.draw_vectors(users, kAlpha, 1);
  const std::vector<float> item = items.vectors();
  const BayesPrior prior = users.prior();
  MatrixXd precision(kWidth, kWidth);
  VectorXd mean(kWidth);
  for (int i = 0; i < kWidth; ++i) {
    mean[i] = static_cast<double>(prior.mean[static_cast<std::size_t>(i)]);
    for (int j = 0; j < kWidth; ++j) {
      precision(i, j) =
          static_cast<double>(prior.precision[static_cast<std::size_t>(i * kWidth + j)]);
    }
  }
  constexpr int kDraws = 40'000;
  std::vector<VectorXd> sum(4, VectorXd::Zero(kWidth));
  std::vector<MatrixXd> squares(4, MatrixXd::Zero(kWidth, kWidth));
  for (int draw = 0; draw < kDraws; ++draw) {
    const double error = users.draw_vectors(items, kAlpha, static_cast<std::uint64_t>(draw) + 2);
    const std::vector<float> user = users.vectors();
    double direct = 0;
    for (int u = 0; u < 4; ++u) {
      const VectorXd own =
          Eigen::Map<const Eigen::VectorXf>(user.data() + u * kWidth, kWidth).cast<double>();
      sum[static_cast<std::size_t>(u)] += own;
      squares[static_cast<std::size_t>(u)] += own * own.transpose();
    }
    if (draw > 3) continue;
    ratings.view().each([&](Index u, std::size_t at) {
      const float* const x = user.data() + u * kWidth;
      const float* const y = item.data() + ratings.column[at] * kWidth;
      double predicted = static_cast<double>(x[kFactors]) + static_cast<double>(y[kFactors]);
      for (int f = 0; f < kFactors; ++f) {
        predicted += static_cast<double>(x[f]) * static_cast<double>(y[f]);
      }
      direct += std::pow(static_cast<double>(ratings.value[at]) - predicted, 2);
    });
    EXPECT_NEAR(error, direct, 1e-4 * direct);
  }
  for (int u = 0; u < 4; ++u) {
    MatrixXd matrix = precision;
    VectorXd right = precision * mean;
    const auto begin = static_cast<std::size_t>(ratings.offset[static_cast<std::size_t>(u)]);
    for (std::size_t k = 0; k < ratings.view().row(u).size(); ++k) {
      const float* const y = item.data() + ratings.column[begin + k] * kWidth;
      VectorXd design = Eigen::Map<const Eigen::VectorXf>(y, kWidth).cast<double>();
      design[kFactors] = 1;
      matrix += kAlpha * design * design.transpose();
      right += kAlpha * design *
               (static_cast<double>(ratings.value[begin + k]) - static_cast<double>(y[kFactors]));
    }
    const MatrixXd covariance = matrix.inverse();
    const VectorXd expected = covariance * right;
    const VectorXd found = sum[static_cast<std::size_t>(u)] / kDraws;
    const MatrixXd spread =
        squares[static_cast<std::size_t>(u)] / kDraws - found * found.transpose();
    for (int i = 0; i < kWidth; ++i) {
      EXPECT_NEAR(found[i], expected[i], 5 * std::sqrt(covariance(i, i) / kDraws));
      for (int j = 0; j < kWidth; ++j) {
        EXPECT_NEAR(spread(i, j), covariance(i, j),
                    0.06 * std::sqrt(covariance(i, i) * covariance(j, j)));
      }
    }
  }
}

// What the model of src/backend/bayes_session.hpp says of one side, drawn from its prior.
MatrixXd vectors_from_prior(RandomSequence& random, int width, const MatrixXd& features) {
  const double freedom = width + 1;
  const MatrixXd root = MatrixXd::Identity(width, width) * std::sqrt(kPriorPrecision / freedom);
  const MatrixXd lower = draw_wishart_root(random, freedom, root);
  const auto noise = [&](double factor) {
    VectorXd z(width);
    for (int f = 0; f < width; ++f) z[f] = draw_normal(random);
    lower.triangularView<Eigen::Lower>().transpose().solveInPlace(z);
    return VectorXd(z / std::sqrt(factor));
  };
  const VectorXd mean = noise(kPseudoCount);
  MatrixXd links = MatrixXd::Zero(features.cols(), width);
  const double precision = draw_gamma(random, 1);
  for (Eigen::Index c = 0; c < features.cols(); ++c) links.row(c) = noise(precision);
  MatrixXd vectors = features * links;
  for (Eigen::Index r = 0; r < features.rows(); ++r) vectors.row(r) += mean + noise(1);
  return vectors;
}

// The precision of ratings, the predictions of a pair that has a rating and of one that has none,
// the mean of those of all pairs; with groups also tau and the bias of a group, of users and items.
std::vector<double> statistics_of(double alpha, const std::function<double(int, int)>& predicted,
                                  int users, int items,
                                  std::initializer_list<const GroupBiases*> groups) {
  double sum = 0;
  for (int u = 0; u < users; ++u) {
    for (int i = 0; i < items; ++i) sum += predicted(u, i);
  }
  std::vector<double> all = {alpha, predicted(0, 0), predicted(1, 2), sum / (users * items)};
  for (const GroupBiases* const one : groups) {
    if (one->bias.empty()) continue;
    all.push_back(one->precision);
    all.push_back(static_cast<double>(one->bias[1]));
  }
  return all;
}

// Biases of groups, drawn from their prior.
GroupBiases biases_from_prior(RandomSequence& random, std::size_t groups) {
  GroupBiases biases;
  biases.precision = draw_gamma(random, 1);
  for (std::size_t g = 0; g < groups; ++g) {
    biases.bias.push_back(static_cast<float>(draw_normal(random) / std::sqrt(biases.precision)));
  }
  return biases;
}

// Simulation-based calibration (Talts et al.: "Validating Bayesian Inference Algorithms with
// Simulation-Based Calibration", 2018): data are drawn from the prior, and where the number that
// they were drawn with is among the draws of its posterior is uniform if the sampler is right.
enum class Beside { nothing, links, groups };
void check_calibration(Beside beside, std::uint64_t seed) {
  const bool with_links = beside == Beside::links;
  constexpr int kUsers = 6;
  constexpr int kItems = 5;
  constexpr int kFactors = 1;
  constexpr int kWidth = kFactors + 1;
  constexpr int kSimulations = 400;
  constexpr int kDraws = 19;
  constexpr int kThinning = 12;
  constexpr int kBurnIn = 60;
  constexpr int kBins = 5;
  std::vector<std::array<int, kBins>> bins;
  RandomSequence random(seed, 1);
  const auto pool = std::make_shared<ThreadPool>(1);
  for (int simulation = 0; simulation < kSimulations; ++simulation) {
    const SparseMatrixOf user_features = sparse(kUsers, 3, 0.7, seed + 1, false);
    const SparseMatrixOf item_features = sparse(kItems, 8, 0.7, seed + 2, false);
    const MatrixXd none = MatrixXd::Zero(kUsers, 1);
    const MatrixXd none_too = MatrixXd::Zero(kItems, 1);
    const MatrixXd x =
        vectors_from_prior(random, kWidth, with_links ? dense(user_features.view()) : none);
    const MatrixXd y =
        vectors_from_prior(random, kWidth, with_links ? dense(item_features.view()) : none_too);
    const double alpha = draw_gamma(random, 1);
    const auto truth = [&](int u, int i) {
      return x(u, kFactors) + y(i, kFactors) + x.row(u).head(kFactors).dot(y.row(i).head(kFactors));
    };
    SparseMatrixOf ratings;
    std::vector<std::int64_t> time;
    ratings.columns = kItems;
    for (int u = 0; u < kUsers; ++u) {
      for (int i = 0; i < kItems; ++i) {
        const bool is_seen = u == i || (u + 2 * i) % 3 == 0;
        if (!is_seen || (u == 1 && i == 2)) continue;
        ratings.column.push_back(i);
        ratings.value.push_back(
            static_cast<float>(truth(u, i) + draw_normal(random) / std::sqrt(alpha)));
        time.push_back((u + i) % 4 == 3 ? kNoTime : (u + i) % 2 * kSecondsOfADay);
      }
      ratings.offset.push_back(std::ssize(ratings.column));
    }
    BayesProblem problem;
    problem.ratings = ratings.view();
    if (with_links) {
      problem.user_features = user_features.view();
      problem.item_features = item_features.view();
    }
    TimeGroups groups;
    GroupBiases of_users;
    GroupBiases of_items;
    if (beside == Beside::groups) {
      groups = TimeGroups(ratings.view(), time);
      problem.user_groups = {groups.days.offset(), groups.user_group};
      problem.item_groups = {groups.periods.offset(), groups.item_group};
      of_users = biases_from_prior(random, groups.days.period().size());
      of_items = biases_from_prior(random, groups.periods.period().size());
      for (std::size_t at = 0; at < time.size(); ++at) {
        if (time[at] == kNoTime) continue;
        ratings.value[at] += of_users.bias[static_cast<std::size_t>(groups.user_group[at])] +
                             of_items.bias[static_cast<std::size_t>(groups.item_group[at])];
      }
    }
    problem.params = {kFactors, seed + static_cast<std::uint64_t>(simulation), 1};
    CpuBayesSession session(pool, cpu_kernels(), problem);
    for (int sweep = 0; sweep < kBurnIn; ++sweep) session.run_sweep();
    const std::vector<double> true_one =
        statistics_of(alpha, truth, kUsers, kItems, {&of_users, &of_items});
    std::vector<int> below(true_one.size(), 0);
    for (int draw = 0; draw < kDraws; ++draw) {
      for (int sweep = 0; sweep < kThinning; ++sweep) session.run_sweep();
      const BayesDraw found = session.draw({{0}}, false).front();
      const auto predicted = [&](int u, int i) {
        const float* const a = found.user.data() + u * kWidth;
        const float* const b = found.item.data() + i * kWidth;
        double sum = static_cast<double>(a[kFactors]) + static_cast<double>(b[kFactors]);
        for (int f = 0; f < kFactors; ++f) {
          sum += static_cast<double>(a[f]) * static_cast<double>(b[f]);
        }
        return sum;
      };
      const std::vector<double> one = statistics_of(found.alpha, predicted, kUsers, kItems,
                                                    {&found.user_groups, &found.item_groups});
      for (std::size_t s = 0; s < below.size(); ++s) below[s] += one[s] < true_one[s] ? 1 : 0;
    }
    bins.resize(below.size());
    for (std::size_t s = 0; s < below.size(); ++s) {
      ++bins[s][static_cast<std::size_t>(below[s] * kBins / (kDraws + 1))];
    }
  }
  for (std::size_t s = 0; s < bins.size(); ++s) {
    double chi_square = 0;
    constexpr double kExpected = static_cast<double>(kSimulations) / kBins;
    for (const int count : bins[s]) chi_square += std::pow(count - kExpected, 2) / kExpected;
    // Of 4 degrees of freedom: exceeded with a probability of 0.0005.
    EXPECT_LT(chi_square, 20.0) << "statistic " << s;
  }
}

TEST(BayesSampler, IsCalibratedOnDataFromItsPrior) { check_calibration(Beside::nothing, 1); }
TEST(BayesSampler, IsCalibratedWithLinks) { check_calibration(Beside::links, 2); }
TEST(BayesSampler, IsCalibratedWithGroups) { check_calibration(Beside::groups, 3); }

BayesProblem some_problem(const SparseMatrixOf& ratings, const SparseMatrixOf& user_features,
                          const SparseMatrixOf& item_features, int factors) {
  BayesProblem problem;
  problem.ratings = ratings.view();
  problem.user_features = user_features.view();
  problem.item_features = item_features.view();
  problem.params = {factors, 5, 2};
  return problem;
}

std::vector<std::vector<float>> numbers_of(const BayesSession& session) {
  std::vector<std::vector<float>> numbers;
  for (int chain = 0; chain < 2; ++chain) {
    BayesDraw draw = session.draw({{chain}}, true).front();
    numbers.push_back(std::move(draw.user));
    numbers.push_back(std::move(draw.item));
    numbers.push_back(std::move(draw.user_links));
    numbers.push_back({static_cast<float>(draw.alpha)});
    for (GroupBiases* const groups : {&draw.user_groups, &draw.item_groups}) {
      numbers.push_back(std::move(groups->bias));
      numbers.push_back({static_cast<float>(groups->precision)});
    }
  }
  return numbers;
}

TEST(BayesSampler, NeitherThreadsNorInstructionSetsChangeABit) {
  const SparseMatrixOf ratings = sparse(150, 90, 0.2, 21, true);
  const SparseMatrixOf user_features = sparse(150, 70, 0.1, 22, false);
  const SparseMatrixOf item_features = sparse(90, 140, 0.1, 23, false);
  std::vector<std::int64_t> time;
  for (std::size_t at = 0; at < ratings.column.size(); ++at) {
    time.push_back(at % 5 == 0 ? kNoTime : static_cast<std::int64_t>(at % 7) * kSecondsOfADay);
  }
  const TimeGroups groups(ratings.view(), time);
  for (const int factors : {1, 7, 15, 20}) {
    BayesProblem problem = some_problem(ratings, user_features, item_features, factors);
    problem.user_groups = {groups.days.offset(), groups.user_group};
    problem.item_groups = {groups.periods.offset(), groups.item_group};
    std::vector<std::vector<float>> expected;
    for (const KernelSet& set : test::fused_kernel_sets()) {
      if (!set.runs) continue;
      for (const int threads : {1, 2, 3}) {
        CpuBayesSession session(std::make_shared<ThreadPool>(threads), *set.kernels, problem);
        for (int sweep = 0; sweep < 4; ++sweep) session.run_sweep();
        const auto found = numbers_of(session);
        if (expected.empty()) expected = found;
        EXPECT_TRUE(found == expected) << set.kernels->name << ", " << threads << " threads";
      }
    }
    if (!expected.empty()) {
      EXPECT_NE(expected[0], expected[expected.size() / 2]) << "chains are the same";
    }
  }
}

}  // namespace
}  // namespace tusk
