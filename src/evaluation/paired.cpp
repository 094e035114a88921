#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include <boost/math/special_functions/beta.hpp>

#include <tusk/error.hpp>
#include <tusk/paired.hpp>

#include "support/philox.hpp"

namespace tusk {

namespace {

// The mean difference and its test, where the variance of the mean is `share` times that of the
// differences.
PairedTest test_of(std::span<const double> a, std::span<const double> b, double share) {
  if (a.size() != b.size() || a.empty()) {
    throw UsageError("a paired test needs as many values on both sides");
  }
  const auto count = static_cast<double>(a.size());
  PairedTest test;
  for (std::size_t n = 0; n < a.size(); ++n) test.difference += (a[n] - b[n]) / count;
  if (a.size() < 2) {
    test.p = std::numeric_limits<double>::quiet_NaN();
    return test;
  }
  double squares = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    squares += std::pow(a[n] - b[n] - test.difference, 2);
  }
  test.standard_error = std::sqrt(share * squares / (count - 1));
  if (test.standard_error > 0) {
    test.p =
        student_two_sided(test.difference / test.standard_error, static_cast<int>(a.size()) - 1);
  } else {
    test.p = test.difference == 0 ? 1 : 0;
  }
  return test;
}

}  // namespace

PairedTest paired_test(std::span<const double> a, std::span<const double> b,
                       double test_over_train) {
  return test_of(a, b, 1 / static_cast<double>(a.size()) + test_over_train);
}

PairedTest paired_t_test(std::span<const double> a, std::span<const double> b) {
  return test_of(a, b, 1 / static_cast<double>(a.size()));
}

Interval bootstrap_interval(std::span<const double> values) {
  constexpr std::size_t kSamples = 2000;
  constexpr std::size_t kBelow = kSamples / 40;  // 2.5%
  std::vector<double> means;
  const auto count = static_cast<std::uint32_t>(values.size());
  for (std::size_t sample = 0; sample < kSamples; ++sample) {
    RandomSequence random(1, random_stream(RandomUse::bootstrap, sample));
    double sum = 0;
    for (std::uint32_t n = 0; n < count; ++n) sum += values[random.below(count)];
    means.push_back(sum / count);
  }
  std::sort(means.begin(), means.end());
  return {means[kBelow], means[kSamples - 1 - kBelow]};
}

double student_two_sided(double t, int degrees_of_freedom) {
  const double degrees = degrees_of_freedom;
  const double square = t * t;
  // By whichever argument of the incomplete beta function is small, and never as one less what is
  // inside, which would lose the tail's digits.
  return square < degrees ? boost::math::ibetac(0.5, degrees / 2, square / (degrees + square))
                          : boost::math::ibeta(degrees / 2, 0.5, degrees / (degrees + square));
}

std::vector<double> holm_adjusted(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t n = 0; n < order.size(); ++n) {
    largest = std::max(largest, std::min(1.0, p[order[n]] * static_cast<double>(p.size() - n)));
    adjusted[order[n]] = largest;
  }
  return adjusted;
}

}  // namespace tusk
