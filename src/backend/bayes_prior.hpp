// What Gibbs sampling draws on the host whatever the device: what vectors are drawn from, and the
// precision of ratings. All of it is small. See src/backend/bayes_session.hpp.
#pragma once

#include <cstdint>
#include <span>

#include <Eigen/Core>

#include "backend/bayes_session.hpp"
#include "support/philox.hpp"

namespace tusk {

// m and L, and the lower triangle R with L = R R'.
struct NormalPrior {
  Eigen::VectorXd mean;
  Eigen::MatrixXd precision;
  Eigen::MatrixXd root;
};

// What vectors less X B tell of m and L.
struct VectorMoments {
  double count = 0;         // of the vectors
  Eigen::VectorXd mean;     // [d], 0 without vectors
  Eigen::MatrixXd scatter;  // [d, d]: the sum of the products of their distances from the mean
};

// B: how many rows it has, and b B'B. Without rows if there are no links.
struct LinkMoments {
  double count = 0;
  Eigen::MatrixXd scatter;
};

// As a draw has it.
BayesPrior as_bayes_prior(const NormalPrior& prior);

NormalPrior draw_normal_prior(RandomSequence& random, const VectorMoments& vectors,
                              const LinkMoments& links);

// Draws alpha given the sum of the squared errors of so many ratings.
double draw_noise_precision(const BayesParams& params, int chain, std::uint64_t sweep,
                            std::int64_t ratings, double squared_error);

// Draws tau of a side given the biases of its groups.
double draw_bias_precision(const BayesParams& params, int chain, bool of_items, std::uint64_t sweep,
                           std::span<const float> biases);

}  // namespace tusk
