#include "models/blend/ridge.hpp"

#include <Eigen/Cholesky>

namespace tusk {

BlendWeights ridge_weights(std::span<const std::vector<float>> prediction,
                           std::span<const float> rating, double ridge) {
  const auto parts = static_cast<Eigen::Index>(prediction.size());
  const auto count = static_cast<double>(rating.size());
  const auto value = [&](Eigen::Index p, std::size_t k) {
    return static_cast<double>(prediction[static_cast<std::size_t>(p)][k]);
  };
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(parts);
  double mean_rating = 0;
  for (std::size_t k = 0; k < rating.size(); ++k) {
    for (Eigen::Index p = 0; p < parts; ++p) mean[p] += value(p, k) / count;
    mean_rating += static_cast<double>(rating[k]) / count;
  }
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(parts, parts);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(parts);
  Eigen::VectorXd row(parts);
  for (std::size_t k = 0; k < rating.size(); ++k) {
    for (Eigen::Index p = 0; p < parts; ++p) row[p] = value(p, k) - mean[p];
    gram.noalias() += row * row.transpose();
    right += row * (static_cast<double>(rating[k]) - mean_rating);
  }
  const double variance = gram.trace() / static_cast<double>(parts) / count;
  const double pull = variance > 0 ? ridge * variance : 1;  // all predictions alike: equal weights
  gram.diagonal().array() += pull;
  right.array() += pull / static_cast<double>(parts);
  // Parts that predict the same make it singular without a ridge: then any of the least is as good.
  const Eigen::VectorXd weights = gram.ldlt().solve(right);
  BlendWeights found;
  for (const double weight : weights) found.weight.push_back(static_cast<float>(weight));
  found.constant = static_cast<float>(mean_rating - weights.dot(mean));
  return found;
}

}  // namespace tusk
