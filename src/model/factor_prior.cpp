#include "model/factor_prior.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <Eigen/Dense>

#include "model/model_tensors.hpp"

namespace tusk {
namespace {

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::size_t at(Index index) { return static_cast<std::size_t>(index); }
Eigen::Index as_eigen(std::size_t size) { return static_cast<Eigen::Index>(size); }

// Of the other side, row k is what the vector that is sought is multiplied with.
Rows design_of(const MfState& state, Side side, std::span<const Index> others) {
  const auto factors = static_cast<std::size_t>(state.factors);
  const std::vector<float>& rows = side == Side::user ? state.item_factors : state.user_factors;
  Rows design(as_eigen(others.size()), as_eigen(factors + (state.biased ? 1 : 0)));
  for (std::size_t k = 0; k < others.size(); ++k) {
    float* const row = design.row(as_eigen(k)).data();
    std::copy_n(rows.data() + at(others[k]) * factors, factors, row);
    if (state.biased) row[factors] = 1;
  }
  return design;
}

// What a rating is before the vector that is sought adds to it.
float known_part(const MfState& state, Side side, Index other) {
  const std::vector<float>& bias = side == Side::user ? state.item_bias : state.user_bias;
  return state.mean + (state.biased ? bias[at(other)] : 0);
}

// A root R of a covariance, R R' = covariance, which may be singular.
Eigen::MatrixXf root_of(const FactorPrior& prior) {
  const auto size = as_eigen(prior.size());
  const Eigen::Map<const Rows> covariance(prior.covariance.data(), size, size);
  const Eigen::LDLT<Eigen::MatrixXd> ldlt(covariance.cast<double>());
  const Eigen::VectorXd scale = ldlt.vectorD().cwiseMax(0).cwiseSqrt();
  const Eigen::MatrixXd lower = ldlt.matrixL();
  return (ldlt.transpositionsP().transpose() * (lower * scale.asDiagonal())).cast<float>();
}

// The Gram matrix of the columns or, if those are more, of the rows, with the noise on its diagonal.
Eigen::LDLT<Eigen::MatrixXd> solver(const Eigen::MatrixXf& design, float noise, bool by_rows) {
  const Eigen::MatrixXf products = by_rows ? Eigen::MatrixXf(design * design.transpose())
                                           : Eigen::MatrixXf(design.transpose() * design);
  Eigen::MatrixXd gram = products.cast<double>();
  gram.diagonal().array() += noise;
  return gram.ldlt();
}

}  // namespace

struct FoldIn::Gaussian {
  Eigen::VectorXf mean;
  Eigen::MatrixXf root;
  float noise = 0;
};

FactorPrior damped_prior(float damping) { return {{0}, {1}, damping}; }

FoldIn::FoldIn(const MfState& state, const FactorPrior& prior, Side side)
    : state_(&state), side_(side) {
  Gaussian gaussian;
  gaussian.mean = Eigen::Map<const Eigen::VectorXf>(prior.mean.data(), as_eigen(prior.size()));
  gaussian.root = root_of(prior);
  gaussian.noise = prior.noise;
  prior_ = std::make_unique<const Gaussian>(std::move(gaussian));
}

FoldIn::FoldIn(const MfState& state, Side side, std::unique_ptr<const Gaussian> prior)
    : state_(&state), side_(side), prior_(std::move(prior)) {}
FoldIn::FoldIn(FoldIn&&) noexcept = default;
FoldIn::~FoldIn() = default;

std::size_t FoldIn::size() const { return static_cast<std::size_t>(prior_->mean.size()); }

std::vector<float> FoldIn::residuals(std::span<const Index> others,
                                     std::span<const float> ratings) const {
  std::vector<float> residual(others.size());
  const Eigen::VectorXf predicted = design_of(*state_, side_, others) * prior_->mean;
  for (std::size_t k = 0; k < others.size(); ++k) {
    residual[k] =
        ratings[k] - known_part(*state_, side_, others[k]) - predicted[as_eigen(k)];
  }
  return residual;
}

std::vector<float> FoldIn::fold(std::span<const Index> others,
                                std::span<const float> ratings) const {
  Eigen::VectorXf vector = prior_->mean;
  if (!others.empty() && vector.size() > 0) {
    const std::vector<float> left = residuals(others, ratings);
    const Eigen::Map<const Eigen::VectorXf> residual(left.data(), as_eigen(left.size()));
    const Eigen::MatrixXf design = design_of(*state_, side_, others) * prior_->root;
    const bool by_rows = design.rows() < design.cols();
    const auto solve = solver(design, prior_->noise, by_rows);
    Eigen::VectorXf solution;
    if (by_rows) {
      solution = design.transpose() * solve.solve(residual.cast<double>()).cast<float>();
    } else {
      solution = solve.solve((design.transpose() * residual).cast<double>()).cast<float>();
    }
    vector += prior_->root * solution;
  }
  return {vector.begin(), vector.end()};
}

std::vector<float> FoldIn::gains(std::span<const Index> others) const {
  const Eigen::MatrixXf design = design_of(*state_, side_, others) * prior_->root;
  const auto solve = solver(design, prior_->noise, true);
  const Rows gains = solve.solve((design * prior_->root.transpose()).cast<double>()).cast<float>();
  return {gains.data(), gains.data() + gains.size()};
}

FoldIn FoldIn::after(std::span<const float> vector, std::span<const Index> others) const {
  auto gaussian = std::make_unique<Gaussian>();
  gaussian->mean =
      Eigen::Map<const Eigen::VectorXf>(vector.data(), as_eigen(vector.size()));
  gaussian->noise = prior_->noise;
  // The covariance is R M^-1 R' noise with M = R' A' A R + noise = L L', so its root is
  // R L^-T sqrt(noise).
  const Eigen::MatrixXf design = design_of(*state_, side_, others) * prior_->root;
  Eigen::MatrixXd gram = (design.transpose() * design).cast<double>();
  gram.diagonal().array() += prior_->noise;
  const Eigen::LLT<Eigen::MatrixXd> llt(gram);
  const Eigen::MatrixXd transposed =
      llt.matrixL().solve(prior_->root.transpose().cast<double>());
  gaussian->root = (std::sqrt(prior_->noise) * transposed.transpose()).cast<float>();
  return FoldIn(*state_, side_, std::move(gaussian));
}

}  // namespace tusk
