// Random numbers of other distributions than the uniform one, on one thread. Each is a function of
// a seed, a stream and a counter alone.
#pragma once

#include <Eigen/Core>

#include "algebra/normal_draws.hpp"
#include "support/philox.hpp"

namespace tusk {

// Of mean 0 and variance 1.
double draw_normal(RandomSequence& random);

// With density proportional to x^(shape - 1) e^(-x), shape > 0: Marsaglia, Tsang: "A Simple Method
// for Generating Gamma Variables", 2000.
double draw_gamma(RandomSequence& random, double shape);

// A lower triangle L with L L' distributed as Wishart(degrees, scale), which has the mean
// degrees * scale, for scale = root root' (Bartlett's decomposition). degrees > size - 1.
Eigen::MatrixXd draw_wishart_root(RandomSequence& random, double degrees,
                                  const Eigen::MatrixXd& root);

}  // namespace tusk
