#include "models/neural/neural_fold_in.hpp"

#include <algorithm>
#include <cstddef>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "backend/neural_session.hpp"

namespace tusk {
namespace {

using Vector = Eigen::VectorXd;
using Square = Eigen::MatrixXd;

Vector row_of(const MfState& state, Index user) {
  const auto factors = static_cast<std::size_t>(state.factors);
  Vector row(state.factors + (state.biased ? 1 : 0));
  for (int f = 0; f < state.factors; ++f) {
    row(f) = static_cast<double>(
        state.user_factors[static_cast<std::size_t>(user) * factors + static_cast<std::size_t>(f)]);
  }
  if (state.biased) {
    row(state.factors) = static_cast<double>(state.user_bias[static_cast<std::size_t>(user)]);
  }
  return row;
}

// A user's ratings as the network predicts them.
class Fit {
 public:
  Fit(const Model& model, const NeuralState& state, const NetworkWeights& weights,
      const NetworkKernels& kernels, const RatedItems& rated)
      : base_(state.base()),
        weights_(weights),
        rated_(rated),
        output_(model.scale(), base_.mean, state.is_squashed()),
        block_(state.shape(), kPairs, kernels) {
    gradient_.resize(state.shape().size());
  }

  struct Sums {
    double squared = 0;
    Square curvature;  // J'J of the derivatives J of the predictions
    Vector slope;      // J' times the errors
  };

  Sums at(const Vector& x, bool with_derivatives) {
    Sums sums{0, Square::Zero(x.size(), x.size()), Vector::Zero(x.size())};
    for (std::size_t first = 0; first < rated_.item.size(); first += kPairs) {
      add(x, first, std::min<std::size_t>(kPairs, rated_.item.size() - first), with_derivatives,
          sums);
    }
    return sums;
  }

 private:
  static constexpr int kPairs = 256;

  void add(const Vector& x, std::size_t first, std::size_t count, bool with_derivatives,
           Sums& sums) {
    const auto factors = static_cast<std::size_t>(base_.factors);
    const auto pairs = static_cast<int>(count);
    for (int k = 0; k < pairs; ++k) {
      const auto item = static_cast<std::size_t>(rated_.item[first + static_cast<std::size_t>(k)]);
      for (int f = 0; f < base_.factors; ++f) block_.user(k)[f] = static_cast<float>(x(f));
      std::copy_n(base_.item_factors.data() + item * factors, factors, block_.item(k));
    }
    const auto z = block_.forward(weights_, pairs);
    std::vector<double> error(count);
    std::vector<double> slope(count);
    for (std::size_t k = 0; k < count; ++k) {
      float sum = z[k];
      if (base_.biased) {
        sum += static_cast<float>(x(base_.factors)) +
               base_.item_bias[static_cast<std::size_t>(rated_.item[first + k])];
      }
      error[k] =
          static_cast<double>(rated_.rating[first + k]) - static_cast<double>(output_.rating(sum));
      slope[k] = static_cast<double>(output_.slope(sum));
      sums.squared += error[k] * error[k];
    }
    if (!with_derivatives) return;
    const std::vector<float> ones(count, 1);
    block_.backward(weights_, ones, gradient_.data());
    Square derivatives(pairs, x.size());
    for (int k = 0; k < pairs; ++k) {
      const double by = slope[static_cast<std::size_t>(k)];
      for (int f = 0; f < base_.factors; ++f) {
        derivatives(k, f) = by * static_cast<double>(block_.user_gradient(k)[f]);
      }
      if (base_.biased) derivatives(k, base_.factors) = by;
    }
    sums.curvature.noalias() += derivatives.transpose() * derivatives;
    sums.slope.noalias() += derivatives.transpose() * Eigen::Map<const Vector>(error.data(), pairs);
  }

  const MfState& base_;
  const NetworkWeights& weights_;
  const RatedItems& rated_;
  NeuralOutput output_;
  NetworkBlock block_;
  std::vector<float> gradient_;  // of the weights; unused
};

}  // namespace

NeuralFoldIn::NeuralFoldIn(const Model& model, const NeuralState& state,
                           const NetworkKernels& kernels)
    : model_(model), state_(state), kernels_(kernels), padded_(state.network().weights) {
  padded_.resize(padded_.size() + kDenseMargin);
  weights_.set(state.shape(), padded_.data());
  const MfState& base = state.base();
  const Index size = base.factors + (base.biased ? 1 : 0);
  Vector mean = Vector::Zero(size);
  Square covariance = Square::Zero(size, size);
  double users = 0;
  for (Index user = 0; user < base.users; ++user) {
    if (!model.knows_user(user)) continue;
    mean += row_of(base, user);
    users += 1;
  }
  mean /= std::max(users, 1.0);
  for (Index user = 0; user < base.users; ++user) {
    if (!model.knows_user(user)) continue;
    covariance.selfadjointView<Eigen::Lower>().rankUpdate(row_of(base, user) - mean);
  }
  covariance /= std::max(users, 1.0);
  // So that it can be inverted however few users there are.
  constexpr double kShare = 1e-2;
  constexpr double kLeast = 1e-8;
  covariance.diagonal().array() += kShare * covariance.diagonal().mean() + kLeast;
  const Square precision =
      covariance.selfadjointView<Eigen::Lower>().llt().solve(Square::Identity(size, size));
  mean_.assign(mean.data(), mean.data() + size);
  precision_.assign(precision.data(), precision.data() + precision.size());
}

std::vector<float> NeuralFoldIn::fold(const RatedItems& rated) const {
  const auto size = static_cast<Eigen::Index>(mean_.size());
  const Eigen::Map<const Vector> mean(mean_.data(), size);
  const Eigen::Map<const Square> precision(precision_.data(), size, size);
  const double noise = static_cast<double>(state_.network().noise);
  Vector x = mean;
  if (!rated.item.empty()) {
    Fit fit(model_, state_, weights_, kernels_, rated);
    const auto value = [&](const Fit::Sums& sums, const Vector& at) {
      return sums.squared / noise + (at - mean).dot(precision * (at - mean));
    };
    constexpr int kSteps = 8;
    constexpr int kHalvings = 6;
    constexpr double kEnough = 1e-4;  // share of the sum that a step must gain to be followed
    for (int step = 0; step < kSteps; ++step) {
      const Fit::Sums sums = fit.at(x, true);
      const double before = value(sums, x);
      Vector by = (sums.curvature / noise + precision)
                      .llt()
                      .solve(sums.slope / noise - precision * (x - mean));
      double after = before;
      for (int halving = 0; halving < kHalvings; ++halving, by /= 2) {
        after = value(fit.at(x + by, false), x + by);
        if (after < before) break;
      }
      if (!(after < before)) break;
      x += by;
      if (before - after < kEnough * before) break;
    }
  }
  std::vector<float> folded;
  for (Eigen::Index k = 0; k < size; ++k) folded.push_back(static_cast<float>(x(k)));
  return folded;
}

}  // namespace tusk
