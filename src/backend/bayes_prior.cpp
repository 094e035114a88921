#include "backend/bayes_prior.hpp"

#include <cmath>

#include <Eigen/Cholesky>

#include "algebra/random_draws.hpp"
#include "backend/bayes_streams.hpp"

namespace tusk {

BayesPrior as_bayes_prior(const NormalPrior& prior) {
  BayesPrior floats;
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

double draw_noise_precision(const BayesParams& params, int chain, std::uint64_t sweep,
                            std::int64_t ratings, double squared_error) {
  RandomSequence random(params.seed, bayes_stream(RandomUse::bayes_noise, chain, false, sweep));
  return draw_gamma(random, 1 + 0.5 * static_cast<double>(ratings)) / (1 + squared_error / 2);
}

double draw_bias_precision(const BayesParams& params, int chain, bool of_items, std::uint64_t sweep,
                           std::span<const float> biases) {
  RandomSequence random(params.seed,
                        bayes_stream(RandomUse::bayes_bias_precision, chain, of_items, sweep));
  double squares = 0;
  for (const float bias : biases) squares += static_cast<double>(bias) * static_cast<double>(bias);
  return draw_gamma(random, 1 + 0.5 * static_cast<double>(biases.size())) / (1 + squares / 2);
}

}  // namespace tusk
