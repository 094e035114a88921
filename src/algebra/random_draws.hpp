// Random numbers of other distributions than the uniform one, on one thread. Each is a function of
// a seed, a stream and a counter alone.
#pragma once

#include <cstdint>
#include <span>

#include <Eigen/Core>

#include "support/philox.hpp"

namespace tusk {

// The x at which the standard normal distribution function is p, in (0, 1): Wichura: "Algorithm AS
// 241: The Percentage Points of the Normal Distribution", 1988, to about 16 digits.
double normal_quantile(double p);

// Standard normal numbers, one for each 32 random bits.
class NormalDraws {
 public:
  // Takes words from block `counter` on.
  NormalDraws(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter)
      : seed_(seed), stream_(stream), counter_(counter) {}

  double next() {
    if (used_ == 4) {
      words_ = philox(seed_, stream_, counter_++);
      used_ = 0;
    }
    return normal_quantile((static_cast<double>(words_.word[used_++]) + 0.5) * 0x1p-32);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t counter_;
  Random4 words_{};
  int used_ = 4;
};

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
