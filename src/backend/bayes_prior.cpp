#include "backend/bayes_prior.hpp"

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>

#include "algebra/random_draws.hpp"

namespace tusk {

BayesPrior as_bayes_prior(const NormalPrior& prior, std::vector<float> links) {
  BayesPrior floats;
  floats.links = std::move(links);
  for (Eigen::Index i = 0; i < prior.mean.size(); ++i) {
    floats.mean.push_back(static_cast<float>(prior.mean[i]));
    for (Eigen::Index j = 0; j < prior.mean.size(); ++j) {
      floats.precision.push_back(static_cast<float>(prior.precision(i, j)));
    }
  }
  return floats;
}

NormalPrior draw_normal_prior(RandomSequence& random, const VectorMoments& vectors,
                              const LinkMoments& links) {
  const Eigen::Index width = vectors.mean.size();
  const auto freedom = static_cast<double>(width + 1);
  const double known = vectors.count;
  Eigen::MatrixXd inverse_scale = vectors.scatter;
  inverse_scale.diagonal().array() += freedom / kPriorPrecision;
  inverse_scale +=
      kPseudoCount * known / (kPseudoCount + known) * vectors.mean * vectors.mean.transpose();
  if (links.count > 0) inverse_scale += links.scatter;
  const Eigen::MatrixXd scale = inverse_scale.llt().solve(Eigen::MatrixXd::Identity(width, width));
  NormalPrior prior;
  prior.root = draw_wishart_root(random, freedom + known + links.count, scale.llt().matrixL());
  prior.precision = prior.root * prior.root.transpose();
  Eigen::VectorXd noise(width);
  for (Eigen::Index f = 0; f < width; ++f) noise[f] = draw_normal(random);
  prior.root.triangularView<Eigen::Lower>().transpose().solveInPlace(noise);
  prior.mean =
      known / (kPseudoCount + known) * vectors.mean + noise / std::sqrt(kPseudoCount + known);
  return prior;
}

namespace {

// The logarithm of the density of log b, but for a constant.
double log_density(double precision, const Tridiagonal& matrix, bool dual,
                   std::span<const double> rotated, int columns) {
  const auto width = static_cast<std::size_t>(columns);
  // As factor_tridiagonal() has it; `solved` is a row of L^-1 rotated.
  std::vector<double> solved(width, 0);
  double log_determinant = 0;
  double products = 0;
  double inverse = 0;
  for (std::size_t k = 0; k < matrix.diagonal.size(); ++k) {
    const double below = k > 0 ? matrix.beside[k - 1] * inverse : 0;
    const double pivot =
        matrix.diagonal[k] + precision - (k > 0 ? below * matrix.beside[k - 1] : 0);
    inverse = 1 / pivot;
    log_determinant += std::log(pivot / precision);
    double squares = 0;
    for (std::size_t f = 0; f < width; ++f) {
      solved[f] = rotated[k * width + f] - below * solved[f];
      squares += solved[f] * solved[f];
    }
    products += squares * inverse;
  }
  // Without decomposed XX' by (I + XX' / b)^-1 = I - X (b I + X'X)^-1 X'.
  const double exponent = dual ? -precision * products : products;
  return (exponent - columns * log_determinant) / 2 - precision + std::log(precision);
}

}  // namespace

double draw_link_precision(RandomSequence& random, double precision, const Tridiagonal& matrix,
                           bool dual, std::span<const double> rotated, int width) {
  const auto density = [&](double at) {
    return log_density(std::exp(at), matrix, dual, rotated, width);
  };
  constexpr double kWidth = 0.5;
  constexpr int kMostSteps = 20;
  const double from = std::log(precision);
  const double level = density(from) + std::log(random.uniform());
  double low = from - kWidth * random.uniform();
  double high = low + kWidth;
  for (int step = 0; step < kMostSteps && density(low) > level; ++step) low -= kWidth;
  for (int step = 0; step < kMostSteps && density(high) > level; ++step) high += kWidth;
  for (;;) {
    const double at = low + (high - low) * random.uniform();
    if (at == from || density(at) > level) return std::exp(at);
    (at < from ? low : high) = at;
  }
}

double draw_link_precision(RandomSequence& random, double links, const Eigen::MatrixXd& scatter,
                           const NormalPrior& prior) {
  const double trace = scatter.cwiseProduct(prior.precision).sum();
  const double shape = 1 + 0.5 * links * static_cast<double>(prior.mean.size());
  return draw_gamma(random, shape) / (1 + trace / 2);
}

double draw_noise_precision(const BayesParams& params, int chain, std::uint64_t sweep,
                            std::int64_t ratings, double squared_error) {
  constexpr int kChainBit = 40;
  RandomSequence random(params.seed,
                        random_stream(RandomUse::bayes_noise,
                                      (static_cast<std::uint64_t>(chain) << kChainBit) | sweep));
  return draw_gamma(random, 1 + 0.5 * static_cast<double>(ratings)) / (1 + squared_error / 2);
}

}  // namespace tusk
