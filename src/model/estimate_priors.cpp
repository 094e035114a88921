// The priors of a trained model, and how a file holds them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <Eigen/Dense>

#include "model/factor_prior.hpp"
#include "model/model_tensors.hpp"

namespace tusk {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

// The trained vectors of one side.
class Vectors {
 public:
  Vectors(const MfState& state, Side side)
      : factors_(static_cast<std::size_t>(state.factors)),
        biased_(state.biased),
        rows_(side == Side::user ? state.user_factors : state.item_factors),
        bias_(side == Side::user ? state.user_bias : state.item_bias) {}

  Eigen::Index size() const { return static_cast<Eigen::Index>(factors_) + (biased_ ? 1 : 0); }

  template <class Row>
  void copy(std::size_t which, Row&& to) const {
    for (std::size_t f = 0; f < factors_; ++f) {
      to[static_cast<Eigen::Index>(f)] = static_cast<double>(rows_[which * factors_ + f]);
    }
    if (biased_) to[static_cast<Eigen::Index>(factors_)] = static_cast<double>(bias_[which]);
  }

 private:
  std::size_t factors_;
  bool biased_;
  const std::vector<float>& rows_;
  const std::vector<float>& bias_;
};

FactorPrior moments_of(const Vectors& vectors, std::span<const std::int64_t> count,
                       const std::function<void()>& check_stop) {
  constexpr std::size_t kMostVectors = 20'000;
  constexpr Eigen::Index kPanel = 256;  // vectors that are added at a time
  constexpr double kShrinkage = 0.1;    // towards the diagonal, where vectors are few
  const std::vector<std::size_t> sample = evenly_spread(count, kMostVectors);
  const Eigen::Index size = vectors.size();
  double weights = 0;
  double squares = 0;
  for (const std::size_t which : sample) {
    weights += std::sqrt(static_cast<double>(count[which]));
    squares += static_cast<double>(count[which]);
  }
  VectorXd mean = VectorXd::Zero(size);
  VectorXd row(size);
  for (const std::size_t which : sample) {
    vectors.copy(which, row);
    mean += row * (std::sqrt(static_cast<double>(count[which])) / weights);
  }
  MatrixXd covariance = MatrixXd::Zero(size, size);
  // 1 less the sum of the squares of the weights makes a weighted sum an unbiased estimate.
  const double scale = weights * (1 - squares / (weights * weights));
  if (sample.size() > 1 && scale > 0) {
    MatrixXd panel(size, kPanel);
    for (std::size_t first = 0; first < sample.size();) {
      check_stop();
      Eigen::Index filled = 0;
      for (; filled < kPanel && first < sample.size(); ++first, ++filled) {
        vectors.copy(sample[first], row);
        const auto ratings = static_cast<double>(count[sample[first]]);
        panel.col(filled) = (row - mean) * std::sqrt(std::sqrt(ratings) / scale);
      }
      covariance.selfadjointView<Eigen::Lower>().rankUpdate(panel.leftCols(filled));
    }
  }
  covariance = MatrixXd(covariance.selfadjointView<Eigen::Lower>());
  if (std::ssize(sample) <= size) {
    const VectorXd diagonal = covariance.diagonal();
    covariance *= 1 - kShrinkage;
    covariance.diagonal() = diagonal;
  }
  FactorPrior prior;
  prior.mean.assign(mean.begin(), mean.end());
  for (const double value : covariance.reshaped()) {
    prior.covariance.push_back(static_cast<float>(value));
  }
  return prior;
}

std::vector<float> variances_of(const FactorPrior& prior) {
  std::vector<float> variances;
  for (std::size_t f = 0; f < prior.size(); ++f) {
    variances.push_back(prior.covariance[f * (prior.size() + 1)]);
  }
  return variances;
}

// Without any variance ratings would move nobody.
void fill_variances(FactorPrior& prior, const std::vector<float>& others) {
  const auto is_zero = [](const std::vector<float>& values) {
    return std::all_of(values.begin(), values.end(), [](float v) { return v == 0; });
  };
  if (!is_zero(variances_of(prior))) return;
  const bool has_others = !is_zero(others);
  for (std::size_t f = 0; f < prior.size(); ++f) {
    prior.covariance[f * (prior.size() + 1)] = has_others ? others[f] : 1;
  }
}

// Ratings of one user less what the prior's mean predicts, in the coordinates in which their
// covariance is diagonal: their squares, and their variances without the noise.
struct Spectrum {
  std::vector<double> square;
  std::vector<double> variance;
};

void add_user(const FoldIn& fold_in, std::span<const Index> items, std::span<const float> ratings,
              Spectrum& spectrum) {
  const std::vector<float> residual = fold_in.residuals(items, ratings);
  const std::vector<float> covariance = fold_in.covariance(items);
  const auto size = std::ssize(items);
  const Eigen::Map<const Eigen::MatrixXf> gram(covariance.data(), size, size);
  const Eigen::Map<const Eigen::VectorXf> left(residual.data(), size);
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(gram.cast<double>());
  const VectorXd rotated = eigen.eigenvectors().transpose() * left.cast<double>();
  for (Eigen::Index k = 0; k < rotated.size(); ++k) {
    spectrum.square.push_back(rotated[k] * rotated[k]);
    spectrum.variance.push_back(std::max(0.0, eigen.eigenvalues()[k]));
  }
}

// Of values a twelfth apart, that with which the ratings of the sample are most likely.
float most_likely_noise(const MfState& state, const FactorPrior& prior, const CsrView& ratings) {
  constexpr std::size_t kMostRatings = 40;  // of a user
  constexpr int kSteps = 100;
  constexpr double kStep = 1.0 / 12;
  std::vector<std::int64_t> count;
  for (Index user = 0; user < ratings.rows(); ++user) {
    count.push_back(std::ssize(ratings.row(user)));
  }
  const FoldIn fold_in(state, prior, Side::user);
  Spectrum spectrum;
  for (const std::size_t user : evenly_spread(count, kNoiseUsers)) {
    const auto all = ratings.row(static_cast<Index>(user));
    const auto first = static_cast<std::size_t>(ratings.offset[user]);
    std::vector<Index> items;
    std::vector<float> values;
    const std::size_t kept = std::min(kMostRatings, all.size());
    for (std::size_t k = 0; k < kept; ++k) {
      const std::size_t place = k * all.size() / kept;
      items.push_back(all[place]);
      values.push_back(ratings.value[first + place]);
    }
    add_user(fold_in, items, values, spectrum);
  }
  const double total = std::accumulate(spectrum.square.begin(), spectrum.square.end(), 0.0);
  if (!(total > 0)) return 1;  // no rating differs from its prediction: the noise does not matter
  const double spread = total / static_cast<double>(spectrum.square.size());
  double best = std::numeric_limits<double>::infinity();
  double noise = spread;
  for (int step = 0; step < kSteps; ++step) {
    const double tried = 2 * spread * std::exp(-kStep * step);
    double unlikely = 0;
    for (std::size_t k = 0; k < spectrum.square.size(); ++k) {
      const double variance = spectrum.variance[k] + tried;
      unlikely += std::log(variance) + spectrum.square[k] / variance;
    }
    if (unlikely < best) {
      best = unlikely;
      noise = tried;
    }
  }
  return std::max(static_cast<float>(noise), std::numeric_limits<float>::min());
}

void write_prior(SafetensorsWriter& writer, const std::string& name, const FactorPrior& prior) {
  check_finite(prior.mean, name + "_mean");
  check_finite(prior.covariance, name + "_covariance");
  writer.add(name + "_mean", prior.mean);
  writer.add<float>(name + "_covariance", prior.covariance, {prior.size(), prior.size()});
}

FactorPrior read_prior(const SafetensorsReader& reader, const std::string& name, std::size_t size,
                       float noise) {
  const auto rows = static_cast<Index>(size);
  FactorPrior prior = {read_rows(reader, name + "_mean", rows, 0, 1),
                       read_rows(reader, name + "_covariance", rows, size, 2), noise};
  const auto at = [&](std::size_t row, std::size_t column) {
    return prior.covariance[row * size + column];
  };
  for (std::size_t row = 0; row < size; ++row) {
    bool good = at(row, row) >= 0;
    for (std::size_t column = 0; column < row; ++column) {
      good = good && at(row, column) == at(column, row);
    }
    check_format(good, "tensor " + name + "_covariance is no covariance");
  }
  return prior;
}

}  // namespace

std::vector<std::size_t> evenly_spread(std::span<const std::int64_t> count, std::size_t most) {
  std::vector<std::size_t> rated;
  for (std::size_t r = 0; r < count.size(); ++r) {
    if (count[r] > 0) rated.push_back(r);
  }
  const std::size_t kept = std::min(most, rated.size());
  for (std::size_t k = 0; k < kept; ++k) rated[k] = rated[k * rated.size() / kept];
  rated.resize(kept);
  return rated;
}

FactorPriors estimate_priors(const MfState& state, const TrainingCounts& count, const CsrView& some,
                             const std::function<void()>& check_stop) {
  FactorPriors priors = {moments_of(Vectors(state, Side::user), count.user, check_stop),
                         moments_of(Vectors(state, Side::item), count.item, check_stop)};
  const std::vector<float> of_users = variances_of(priors.user);
  fill_variances(priors.user, variances_of(priors.item));
  fill_variances(priors.item, of_users);
  check_stop();
  priors.user.noise = priors.item.noise = most_likely_noise(state, priors.user, some);
  return priors;
}

void write_priors(SafetensorsWriter& writer, const FactorPriors& priors) {
  write_prior(writer, "user_prior", priors.user);
  write_prior(writer, "item_prior", priors.item);
  writer.add<float>("rating_noise", {&priors.user.noise, 1}, {1});
}

bool has_priors(const SafetensorsReader& reader) { return reader.has("rating_noise"); }

FactorPriors read_priors(const SafetensorsReader& reader, const MfState& state) {
  const std::size_t size = static_cast<std::size_t>(state.factors) + (state.biased ? 1 : 0);
  const float noise = read_variance(reader, "rating_noise");
  return {read_prior(reader, "user_prior", size, noise),
          read_prior(reader, "item_prior", size, noise)};
}

}  // namespace tusk
