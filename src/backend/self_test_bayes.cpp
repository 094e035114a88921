#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <fmt/format.h>

#include "algebra/normal_draws.hpp"
#include "backend/bayes_session.hpp"
#include "backend/bayes_streams.hpp"
#include "backend/self_test.hpp"

namespace tusk {
namespace {

// The ratings around their mean.
SparseMatrixOf centred(const CsrView& ratings) {
  SparseMatrixOf matrix;
  matrix.offset.assign(ratings.offset.begin(), ratings.offset.end());
  matrix.column.assign(ratings.column.begin(), ratings.column.end());
  matrix.columns = ratings.columns;
  double sum = 0;
  for (const float value : ratings.value) sum += static_cast<double>(value);
  const auto mean = static_cast<float>(sum / static_cast<double>(ratings.size()));
  for (const float value : ratings.value) matrix.value.push_back(value - mean);
  return matrix;
}

// Users' features: a few columns, which depend on the user's number.
SparseMatrixOf features_of(Index users) {
  constexpr Index kColumns = 7;
  SparseMatrixOf matrix;
  matrix.columns = kColumns;
  for (Index user = 0; user < users; ++user) {
    for (Index column = user % 3; column < kColumns; column += 2 + user % 2) {
      matrix.column.push_back(column);
      matrix.value.push_back(0.5f);
    }
    matrix.offset.push_back(std::ssize(matrix.column));
  }
  return matrix;
}

Eigen::VectorXd vector_at(const std::vector<float>& rows, Index row, Eigen::Index width) {
  return Eigen::Map<const Eigen::VectorXf>(rows.data() + std::int64_t{row} * width, width)
      .cast<double>();
}

// How far the users' vectors, which are drawn last, are from what the formulas of
// src/backend/bayes_session.hpp make of the rest of the draw and of alpha before it, relative to
// their largest number; and in `error` the sum of the squared errors.
double distance_of_users(const BayesProblem& problem, const BayesDraw& draw, double alpha,
                         int chain, std::uint64_t sweep, double& error) {
  const Eigen::Index width = problem.params.factors + 1;
  const Eigen::VectorXd mean = vector_at(draw.user_prior.mean, 0, width);
  const Eigen::MatrixXd precision =
      Eigen::Map<const Eigen::MatrixXf>(draw.user_prior.precision.data(), width, width)
          .cast<double>();
  double worst = 0;
  double largest = 0;
  error = 0;
  for (Index user = 0; user < problem.ratings.rows(); ++user) {
    const Eigen::VectorXd found = vector_at(draw.user, user, width);
    Eigen::VectorXd prior = mean;
    const CsrView& features = problem.user_features;
    if (features.rows() > 0) {
      const auto first = static_cast<std::size_t>(features.offset[static_cast<std::size_t>(user)]);
      for (std::size_t k = 0; k < features.row(user).size(); ++k) {
        prior += static_cast<double>(features.value[first + k]) *
                 vector_at(draw.user_links, features.row(user)[k], width);
      }
    }
    Eigen::MatrixXd matrix = precision;
    Eigen::VectorXd right = precision * prior;
    const auto items = problem.ratings.row(user);
    const auto first =
        static_cast<std::size_t>(problem.ratings.offset[static_cast<std::size_t>(user)]);
    for (std::size_t k = 0; k < items.size(); ++k) {
      Eigen::VectorXd design = vector_at(draw.item, items[k], width);
      const double value =
          static_cast<double>(problem.ratings.value[first + k]) - design[width - 1];
      design[width - 1] = 1;
      matrix += alpha * design * design.transpose();
      right += alpha * value * design;
      error += std::pow(value - design.dot(found), 2);
    }
    const Eigen::LLT<Eigen::MatrixXd> solver(matrix);
    NormalDraws normal(
        problem.params.seed,
        bayes_stream(RandomUse::bayes_vectors, chain, false, static_cast<std::uint64_t>(user)),
        bayes_counter(sweep));
    Eigen::VectorXd noise(width);
    for (Eigen::Index f = 0; f < width; ++f) noise[f] = normal.next();
    solver.matrixU().solveInPlace(noise);
    const Eigen::VectorXd expected = solver.solve(right) + noise;
    const double distance = (expected - found).cwiseAbs().maxCoeff();
    worst = distance <= worst ? worst : distance;  // NaN, too
    largest = std::max(largest, expected.cwiseAbs().maxCoeff());
  }
  return worst / largest;
}

}  // namespace

std::string self_test_of_bayes(Backend& backend, const CsrView& ratings) {
  constexpr double kBayesTolerance = 2e-3;
  constexpr int kChains = 2;
  constexpr int kSweeps = 2;
  const SparseMatrixOf values = centred(ratings);
  const SparseMatrixOf features = features_of(ratings.rows());
  for (const int factors : {1, 8, 40, 160}) {
    for (const bool linked : {false, true}) {
      BayesProblem problem;
      problem.ratings = values.view();
      if (linked) problem.user_features = features.view();
      problem.params = {factors, 7, kChains};
      const auto session = backend.open_bayes(problem);
      std::vector<double> alpha(kChains, kInitialNoisePrecision);
      for (std::uint64_t sweep = 1; sweep <= kSweeps; ++sweep) {
        const std::vector<BayesSweep> found = session->run_sweep();
        for (std::size_t chain = 0; chain < kChains; ++chain) {
          double error = 0;
          const auto which = static_cast<int>(chain);
          const double distance = distance_of_users(problem, session->draw({{which}}, true).front(),
                                                    alpha[chain], which, sweep, error);
          if (!(distance < kBayesTolerance)) {
            return fmt::format("drawn vectors of {} factors are off by {:.2g}", factors, distance);
          }
          if (!(std::abs(found[chain].squared_error - error) < kBayesTolerance * error)) {
            return fmt::format("the error of drawn vectors of {} factors is {:.6f}, not {:.6f}",
                               factors, found[chain].squared_error, error);
          }
          alpha[chain] = found[chain].alpha;
        }
      }
    }
  }
  return {};
}

}  // namespace tusk
