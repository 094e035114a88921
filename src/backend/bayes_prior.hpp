// What Gibbs sampling draws on the host whatever the device: what vectors are drawn from, and the
// precision of ratings. All of it is small. See src/backend/bayes_session.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <Eigen/Core>

#include "algebra/tridiagonal.hpp"
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

// B: the sum of the products of its rows, times b. Without rows if there are no links.
struct LinkMoments {
  double count = 0;
  Eigen::MatrixXd scatter;
};

// As a draw has it, with B.
BayesPrior as_bayes_prior(const NormalPrior& prior, std::vector<float> links);

NormalPrior draw_normal_prior(RandomSequence& random, const VectorMoments& vectors,
                              const LinkMoments& links);

// Draws b given the vectors less m but not given B: of B's many numbers each tells little of b,
// which would hardly move from where it is. With L = R R' the columns of the vectors times R are
// independent and N(0, I + XX' / b). By slice sampling of log b (Neal: "Slice Sampling", 2003),
// from `precision` on. XX' = Q T Q' if it is `dual`, and X'X if not; `rotated` [size, width] is Q'
// times the vectors times R, or Q' X' times them.
double draw_link_precision(RandomSequence& random, double precision, const Tridiagonal& matrix,
                           bool dual, std::span<const double> rotated, int width);

// Draws b given B, of so many rows; `scatter` is the sum of their products.
double draw_link_precision(RandomSequence& random, double links, const Eigen::MatrixXd& scatter,
                           const NormalPrior& prior);

// Draws alpha given the sum of the squared errors of so many ratings.
double draw_noise_precision(const BayesParams& params, int chain, std::uint64_t sweep,
                            std::int64_t ratings, double squared_error);

}  // namespace tusk
