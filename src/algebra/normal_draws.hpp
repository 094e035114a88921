// Standard normal random numbers, the same on every device but for rounding. Each is a function of
// a seed, a stream and a counter alone.
#pragma once

#include <cmath>
#include <cstdint>

#include "support/host_device.hpp"
#include "support/philox.hpp"

namespace tusk {

// c0 + c1 x + ... + c7 x^7
TUSK_HD double polynomial(double x, double c0, double c1, double c2, double c3, double c4,
                          double c5, double c6, double c7) {
  return ((((((c7 * x + c6) * x + c5) * x + c4) * x + c3) * x + c2) * x + c1) * x + c0;
}

// The x at which the standard normal distribution function is p, in (0, 1): Wichura: "Algorithm AS
// 241: The Percentage Points of the Normal Distribution", 1988, to about 16 digits.
TUSK_HD double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q *
           polynomial(r, 3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                      1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                      3.3430575583588128105e4, 2.5090809287301226727e3) /
           polynomial(r, 1, 4.2313330701600911252e1, 6.8718700749205790830e2,
                      5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4,
                      2.8729085735721942674e4, 5.2264952788528545610e3);
  }
  double r = std::sqrt(-std::log(q < 0 ? p : 1 - p));
  double x = 0;
  if (r <= 5) {
    r -= 1.6;
    x = polynomial(r, 1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
                   3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
                   2.27238449892691845833e-2, 7.74545014278341407640e-4) /
        polynomial(r, 1, 2.05319162663775882187e0, 1.67638483018380384940e0,
                   6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2,
                   5.47593808499534494600e-4, 1.05075007164441684324e-9);
  } else {
    r -= 5;
    x = polynomial(r, 6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
                   2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                   2.71155556874348757815e-5, 2.01033439929228813265e-7) /
        polynomial(r, 1, 5.99832206555887937690e-1, 1.36929880922735805310e-1,
                   1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
                   1.42151175831644588870e-7, 2.04426310338993978564e-15);
  }
  return q < 0 ? -x : x;
}

// The number that 32 random bits make.
TUSK_HD double normal_of_bits(std::uint32_t bits) {
  return normal_quantile((static_cast<double>(bits) + 0.5) * 0x1p-32);
}

// Numbers of one stream in turn, one for each 32 random bits, for host code.
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
    return normal_of_bits(words_.word[used_++]);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t counter_;
  Random4 words_{};
  int used_ = 4;
};

// Number `k` of those that NormalDraws gives.
TUSK_HD double normal_draw(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter,
                           std::uint64_t k) {
  return normal_of_bits(philox(seed, stream, counter + k / 4).word[k % 4]);
}

}  // namespace tusk
