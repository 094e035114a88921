#include "algebra/random_draws.hpp"

#include <cmath>

namespace tusk {

double draw_normal(RandomSequence& random) { return normal_quantile(random.uniform()); }

double draw_gamma(RandomSequence& random, double shape) {
  if (shape < 1) {
    const double more = draw_gamma(random, shape + 1);
    return more * std::pow(random.uniform(), 1 / shape);
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = draw_normal(random);
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(random.uniform()) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
  }
}

Eigen::MatrixXd draw_wishart_root(RandomSequence& random, double degrees,
                                  const Eigen::MatrixXd& root) {
  const Eigen::Index size = root.rows();
  Eigen::MatrixXd lower = Eigen::MatrixXd::Zero(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index j = 0; j < i; ++j) lower(i, j) = draw_normal(random);
    lower(i, i) = std::sqrt(2 * draw_gamma(random, (degrees - static_cast<double>(i)) / 2));
  }
  return root.triangularView<Eigen::Lower>() * lower;
}

}  // namespace tusk
