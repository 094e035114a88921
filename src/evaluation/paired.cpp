#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <boost/math/special_functions/beta.hpp>

#include <tusk/error.hpp>
#include <tusk/paired.hpp>

namespace tusk {

PairedTest paired_test(std::span<const double> a, std::span<const double> b,
                       double test_over_train) {
  if (a.size() != b.size() || a.empty()) {
    throw UsageError("a paired test needs the same folds on both sides");
  }
  const auto folds = static_cast<double>(a.size());
  PairedTest test;
  for (std::size_t f = 0; f < a.size(); ++f) test.difference += (a[f] - b[f]) / folds;
  if (a.size() < 2) {
    test.p = std::numeric_limits<double>::quiet_NaN();
    return test;
  }
  double squares = 0;
  for (std::size_t f = 0; f < a.size(); ++f) {
    squares += std::pow(a[f] - b[f] - test.difference, 2);
  }
  test.standard_error = std::sqrt((1 / folds + test_over_train) * squares / (folds - 1));
  if (test.standard_error > 0) {
    test.p =
        student_two_sided(test.difference / test.standard_error, static_cast<int>(a.size()) - 1);
  } else {
    test.p = test.difference == 0 ? 1 : 0;
  }
  return test;
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
