#include "backend/link_draws.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "algebra/random_draws.hpp"

namespace tusk {
namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<const Rows>;

View view(std::span<const double> rows, int width) {
  return {rows.data(), std::ssize(rows) / width, width};
}

// rows = L^-1 rows.
void solve_lower(const TridiagonalFactor& factor, Rows& rows) {
  for (Eigen::Index k = 1; k < rows.rows(); ++k) {
    rows.row(k) -= factor.below[static_cast<std::size_t>(k)] * rows.row(k - 1);
  }
}

// rows = L'^-1 rows.
void solve_upper(const TridiagonalFactor& factor, Rows& rows) {
  for (Eigen::Index k = rows.rows() - 1; k-- > 0;) {
    rows.row(k) -= factor.below[static_cast<std::size_t>(k) + 1] * rows.row(k + 1);
  }
}

Eigen::Map<const Eigen::VectorXd> inverse_of(const TridiagonalFactor& factor) {
  return {factor.inverse.data(), std::ssize(factor.inverse)};
}

// The product of T with rows.
Rows multiply(const Tridiagonal& matrix, const Rows& rows) {
  Rows product(rows.rows(), rows.cols());
  for (Eigen::Index k = 0; k < rows.rows(); ++k) {
    const auto at = static_cast<std::size_t>(k);
    product.row(k) = matrix.diagonal[at] * rows.row(k);
    if (k > 0) product.row(k) += matrix.beside[at - 1] * rows.row(k - 1);
    if (k + 1 < rows.rows()) product.row(k) += matrix.beside[at] * rows.row(k + 1);
  }
  return product;
}

// Rows ~ N(0, T): with T + e I = L D L' it is L D^1/2 noise. e is what T is rounded by, so that D
// is above 0.
Rows draw_of_covariance(const Tridiagonal& matrix, View noise) {
  constexpr double kRounding = 1e-9;
  const double largest = *std::max_element(matrix.diagonal.begin(), matrix.diagonal.end());
  const TridiagonalFactor factor =
      factor_tridiagonal(matrix, kRounding * std::max(largest, kRounding));
  Rows rows = inverse_of(factor).cwiseSqrt().cwiseInverse().asDiagonal() * noise;
  for (Eigen::Index k = rows.rows() - 1; k > 0; --k) {
    rows.row(k) += factor.below[static_cast<std::size_t>(k)] * rows.row(k - 1);
  }
  return rows;
}

// The sum of the products of the numbers of `count` rows ~ N(0, I).
Eigen::MatrixXd draw_scatter(RandomSequence& random, Index count, int width) {
  Eigen::MatrixXd root;
  if (count >= width) {
    root = draw_wishart_root(random, count, Eigen::MatrixXd::Identity(width, width));
  } else {
    root = Eigen::MatrixXd::NullaryExpr(width, count, [&] { return draw_normal(random); });
  }
  return root * root.transpose();
}

// Q' B ~ N((T + b I)^-1 targets, (T + b I)^-1).
RotatedDraw draw_primal(const RotatedLinks& links, double precision, View noise) {
  const TridiagonalFactor factor = factor_tridiagonal(links.matrix, precision);
  const Eigen::VectorXd root = inverse_of(factor).cwiseSqrt();
  Rows rows = view(links.targets, links.width);
  solve_lower(factor, rows);
  rows = root.asDiagonal() * (Rows(root.asDiagonal() * rows) + noise);
  solve_upper(factor, rows);
  return {{rows.data(), rows.data() + rows.size()}, rows.transpose() * rows};
}

// Of B only its image M = Q' X B is drawn, and B' B: from a draw M0 of M's prior N(0, T / b),
//   M = M0 + T C,  C = (T + b I)^-1 (targets + noise - M0),
// the rule of Matheron (Journel, Huijbregts: "Mining Geostatistics", 1978). B is B0 + X' Q C with a
// B0 of which M0 is the image and the other dimensions have an influence on B' B alone.
RotatedDraw draw_dual(const RotatedLinks& links, double precision, View noise, View more,
                      RandomSequence& random) {
  const Rows prior = draw_of_covariance(links.matrix, noise) / std::sqrt(precision);
  Rows solved = view(links.targets, links.width) + more - prior;
  solve_tridiagonal(links.matrix, precision, links.width,
                    std::span(solved.data(), static_cast<std::size_t>(solved.size())));
  const Rows rows = prior + multiply(links.matrix, solved);
  const Index others = links.columns - static_cast<Index>(noise.rows());
  const Eigen::MatrixXd scatter =
      (noise.transpose() * noise + draw_scatter(random, others, links.width)) / precision +
      prior.transpose() * solved + solved.transpose() * rows;
  return {{rows.data(), rows.data() + rows.size()}, scatter};
}

// The logarithm of the density of log b, but for a constant.
double log_density(double precision, const RotatedLinks& links) {
  const Tridiagonal& matrix = links.matrix;
  const auto width = static_cast<std::size_t>(links.width);
  // As factor_tridiagonal() has it; `solved` is a row of L^-1 targets.
  std::vector<double> solved(width, 0);
  constexpr std::size_t kPivotsAtOnce = 4;  // whose product has a logarithm
  double log_determinant = 0;
  double pivots = 1;
  double products = 0;
  double inverse = 0;
  for (std::size_t k = 0; k < matrix.diagonal.size(); ++k) {
    const double below = k > 0 ? matrix.beside[k - 1] * inverse : 0;
    const double pivot =
        matrix.diagonal[k] + precision - (k > 0 ? below * matrix.beside[k - 1] : 0);
    inverse = 1 / pivot;
    pivots *= pivot / precision;
    if (k % kPivotsAtOnce == kPivotsAtOnce - 1) {
      log_determinant += std::log(pivots);
      pivots = 1;
    }
    double squares = 0;
    for (std::size_t f = 0; f < width; ++f) {
      solved[f] = links.targets[k * width + f] - below * solved[f];
      squares += solved[f] * solved[f];
    }
    products += squares * inverse;
  }
  log_determinant += std::log(pivots);
  // Without decomposed XX' by (I + XX' / b)^-1 = I - X (b I + X'X)^-1 X'.
  const double exponent = links.dual ? -precision * products : products;
  return (exponent - links.width * log_determinant) / 2 - precision + std::log(precision);
}

}  // namespace

double draw_link_precision(RandomSequence& random, double precision, const RotatedLinks& links) {
  const auto density = [&](double at) { return log_density(std::exp(at), links); };
  constexpr double kWidth = 0.5;
  constexpr int kMostSteps = 20;
  const double from = std::log(precision);
  const double level = density(from) + std::log(random.uniform());
  double low = from - kWidth * random.uniform();
  double high = low + kWidth;
  for (int step = 0; step < kMostSteps && density(low) > level; ++step) low -= kWidth;
  for (int step = 0; step < kMostSteps && density(high) > level; ++step) high += kWidth;
  for (;;) {
    const double at = low + (high - low) * random.uniform();
    if (at == from || density(at) > level) return std::exp(at);
    (at < from ? low : high) = at;
  }
}

double draw_link_precision(RandomSequence& random, Index rows, int width, double trace) {
  return draw_gamma(random, 1 + 0.5 * static_cast<double>(rows) * width) / (1 + trace / 2);
}

RotatedDraw draw_links(RandomSequence& random, double precision, const RotatedLinks& links,
                       std::span<const double> noise, std::span<const double> more) {
  const View given = view(noise, links.width);
  return links.dual ? draw_dual(links, precision, given, view(more, links.width), random)
                    : draw_primal(links, precision, given);
}

void solve_tridiagonal(const Tridiagonal& matrix, double precision, int width,
                       std::span<double> rows) {
  const TridiagonalFactor factor = factor_tridiagonal(matrix, precision);
  Rows solved = view(rows, width);
  solve_lower(factor, solved);
  solved = inverse_of(factor).asDiagonal() * solved;
  solve_upper(factor, solved);
  std::copy_n(solved.data(), solved.size(), rows.data());
}

}  // namespace tusk
