#include "model/factor_prior.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <Eigen/Dense>

#include <tusk/dataset.hpp>

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

}  // namespace

// A root R of a covariance, R R' = covariance, which may be singular: rows of a lower triangle in
// another order.
class CovarianceRoot {
 public:
  explicit CovarianceRoot(const FactorPrior& prior) {
    const auto size = as_eigen(prior.size());
    const Eigen::Map<const Rows> covariance(prior.covariance.data(), size, size);
    const Eigen::LDLT<Eigen::MatrixXd> ldlt(covariance.cast<double>());
    const Eigen::VectorXd scale = ldlt.vectorD().cwiseMax(0).cwiseSqrt();
    lower_ = (Eigen::MatrixXd(ldlt.matrixL()) * scale.asDiagonal()).cast<float>();
    order_ = ldlt.transpositionsP();
  }

  Eigen::MatrixXf after(const Eigen::MatrixXf& design) const {  // design R
    const Eigen::MatrixXf ordered = design * order_.transpose();
    return ordered * lower_.triangularView<Eigen::Lower>();
  }
  Eigen::MatrixXf before(const Eigen::MatrixXf& columns) const {  // R columns
    const Eigen::MatrixXf ordered = lower_.triangularView<Eigen::Lower>() * columns;
    return order_.transpose() * ordered;
  }
  Eigen::MatrixXf transposed() const {
    return before(Eigen::MatrixXf::Identity(lower_.rows(), lower_.cols())).transpose();
  }

 private:
  Eigen::MatrixXf lower_;
  Eigen::PermutationMatrix<Eigen::Dynamic> order_;
};

namespace {

// A file's prior can be too large for floats, or its noise too small.
template <class Values>
void check_vectors(const Values& values, float largest = kLargestRating) {
  check_format(
      std::all_of(values.begin(), values.end(), [&](float v) { return std::abs(v) <= largest; }),
      "the model's priors give no finite vector of a user or item who is folded in");
}

// x in G x = right, where G is the Gram matrix of the columns, or of the rows, with the noise on
// its diagonal.
Eigen::MatrixXf solved(const Eigen::MatrixXf& design, float noise, bool by_rows,
                       const Eigen::MatrixXf& right) {
  const auto size = by_rows ? design.rows() : design.cols();
  Eigen::MatrixXf products = Eigen::MatrixXf::Zero(size, size);
  auto lower = products.selfadjointView<Eigen::Lower>();
  by_rows ? lower.rankUpdate(design) : lower.rankUpdate(design.transpose());
  check_vectors(products.reshaped(), std::numeric_limits<float>::max());
  Eigen::MatrixXd gram = products.cast<double>();
  gram.diagonal().array() += noise;
  const Eigen::LLT<Eigen::MatrixXd> llt(gram);
  // With next to no noise, rounding may leave it indefinite.
  const bool definite = llt.info() == Eigen::Success;
  const Eigen::MatrixXd known = right.cast<double>();
  return (definite ? Eigen::MatrixXd(llt.solve(known)) : Eigen::MatrixXd(gram.ldlt().solve(known)))
      .cast<float>();
}

// What a vector leaves of each rating.
std::vector<float> residuals_of(const MfState& state, Side side, const Eigen::VectorXf& vector,
                                std::span<const Index> others, std::span<const float> ratings) {
  std::vector<float> residual(others.size());
  const Eigen::VectorXf predicted = design_of(state, side, others) * vector;
  for (std::size_t k = 0; k < others.size(); ++k) {
    residual[k] = ratings[k] - known_part(state, side, others[k]) - predicted[as_eigen(k)];
  }
  return residual;
}

}  // namespace

struct FoldIn::Gaussian {
  Eigen::VectorXf mean;
  CovarianceRoot root;
  float noise = 0;
};

FactorPrior damped_prior(float damping) { return {{0}, {1}, damping}; }

FoldIn::FoldIn(const MfState& state, const FactorPrior& prior, Side side)
    : state_(&state), side_(side) {
  const Eigen::Map<const Eigen::VectorXf> mean(prior.mean.data(), as_eigen(prior.size()));
  prior_ = std::make_unique<const Gaussian>(Gaussian{mean, CovarianceRoot(prior), prior.noise});
}

FoldIn::~FoldIn() = default;

std::size_t FoldIn::size() const { return static_cast<std::size_t>(prior_->mean.size()); }

std::vector<float> FoldIn::residuals(std::span<const Index> others,
                                     std::span<const float> ratings) const {
  return residuals_of(*state_, side_, prior_->mean, others, ratings);
}

std::vector<float> FoldIn::fold(std::span<const Index> others,
                                std::span<const float> ratings) const {
  return update({prior_->mean.data(), size()}, {}, others, ratings);
}

std::vector<float> FoldIn::gains(std::span<const Index> others) const {
  const Eigen::MatrixXf design = prior_->root.after(design_of(*state_, side_, others));
  const Eigen::MatrixXf transposed_root = prior_->root.transposed();
  Rows gains;
  if (design.rows() < design.cols()) {
    gains = solved(design, prior_->noise, true, design * transposed_root);
  } else {
    gains = design * solved(design, prior_->noise, false, transposed_root);
  }
  const std::span<const float> values(gains.data(), static_cast<std::size_t>(gains.size()));
  check_vectors(values);
  return {values.begin(), values.end()};
}

std::vector<float> FoldIn::covariance(std::span<const Index> others) const {
  const Eigen::MatrixXf design = prior_->root.after(design_of(*state_, side_, others));
  const Rows products = design * design.transpose();
  return {products.data(), products.data() + products.size()};
}

// A vector that was learned from old ratings is their posterior mean: they are rows of the design
// of which nothing is left.
std::vector<float> FoldIn::update(std::span<const float> vector, std::span<const Index> old,
                                  std::span<const Index> others,
                                  std::span<const float> ratings) const {
  Eigen::VectorXf updated =
      Eigen::Map<const Eigen::VectorXf>(vector.data(), as_eigen(vector.size()));
  if (!others.empty() && updated.size() > 0) {
    std::vector<Index> all(old.begin(), old.end());
    all.insert(all.end(), others.begin(), others.end());
    const std::vector<float> left = residuals_of(*state_, side_, updated, others, ratings);
    Eigen::VectorXf residual = Eigen::VectorXf::Zero(as_eigen(all.size()));
    std::copy(left.begin(), left.end(), residual.end() - std::ssize(left));
    const Eigen::MatrixXf design = prior_->root.after(design_of(*state_, side_, all));
    Eigen::VectorXf solution;
    if (design.rows() < design.cols()) {
      solution = design.transpose() * solved(design, prior_->noise, true, residual);
    } else {
      solution = solved(design, prior_->noise, false, design.transpose() * residual);
    }
    updated += prior_->root.before(solution);
  }
  check_vectors(updated);
  return {updated.begin(), updated.end()};
}

}  // namespace tusk
