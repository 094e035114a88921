// The similarity of two rows from sums over their co-rated columns, one formula a metric.
//
// A measure holds the sums of N rows x, side by side, with one row y. add() takes what each x and
// what y has in a column that y holds: `held` is 1 for an x that holds it too, else 0, and then its
// value is 0. similarity() finishes the sums of one x; xx and yy are the sums of squares of the
// whole rows. Where every sum stays exact, as with ratings in halves, ties are exact too. Products
// are rounded before they are added, so that a CPU and a GPU that add in the same order get the
// same bits.
#pragma once

#include <cmath>

#include <tusk/knn.hpp>

#include "support/host_device.hpp"
#include "support/rounding.hpp"

namespace tusk {

TUSK_HD double cosine(double xy, double xx, double yy) {
  const double squares = xx * yy;
  return squares > 0 ? xy / std::sqrt(squares) : 0;
}

// What takes the place of the sum of squares of a row in cosine(), so that the cosine is the
// asymmetric one of SimilarityParams: `exponent` is the asymmetry for the row whose neighbours are
// sought and 1 less that for the others.
inline double asymmetric_squares(double squares, float exponent) {
  return exponent == 0.5f ? squares : std::pow(squares, 2 * static_cast<double>(exponent));
}

// n times the sum of squared deviations of n values, from their sums; 0 where rounding is all there
// is.
TUSK_HD double scaled_variance(double n, double xx, double x) {
  constexpr double kRounding = 1e-12;
  const double variance = rounded_product(n, xx) - rounded_product(x, x);
  return variance > kRounding * n * xx ? variance : 0;
}

TUSK_HD double shrunk(double similarity, double n, double shrinkage, double min_support) {
  return n > 0 && n >= min_support ? similarity * (n / (n + shrinkage)) : 0;
}

// Cosine of whole rows where the number of co-rated columns does not matter: one sum.
template <int N>
struct WholeCosine {
  double xy[N];

  TUSK_HD void add(const double* value, const double*, double y) {
    for (int i = 0; i < N; ++i) xy[i] += rounded_product(value[i], y);
  }
  TUSK_HD double similarity(int i, double xx, double yy, const SimilarityParams&) const {
    return cosine(xy[i], xx, yy);
  }
};

template <int N>
struct CountedCosine {
  double xy[N];
  double n[N];

  TUSK_HD void add(const double* value, const double* held, double y) {
    for (int i = 0; i < N; ++i) xy[i] += rounded_product(value[i], y);
    for (int i = 0; i < N; ++i) n[i] += held[i];
  }
  TUSK_HD double similarity(int i, double xx, double yy, const SimilarityParams& params) const {
    return shrunk(cosine(xy[i], xx, yy), n[i], params.shrinkage, params.min_support);
  }
};

template <int N>
struct CoratedCosine {
  double xy[N];
  double xx[N];
  double yy[N];
  double n[N];

  TUSK_HD void add(const double* value, const double* held, double y) {
    for (int i = 0; i < N; ++i) xy[i] += rounded_product(value[i], y);
    for (int i = 0; i < N; ++i) xx[i] += rounded_product(value[i], value[i]);
    for (int i = 0; i < N; ++i) yy[i] += rounded_product(held[i], y * y);
    for (int i = 0; i < N; ++i) n[i] += held[i];
  }
  TUSK_HD double similarity(int i, double, double, const SimilarityParams& params) const {
    return shrunk(cosine(xy[i], xx[i], yy[i]), n[i], params.shrinkage, params.min_support);
  }
};

// The same sums, over what the bias model leaves of the ratings: Surprise's pearson_baseline.
template <int N>
struct BaselinePearson : CoratedCosine<N> {
  TUSK_HD double similarity(int i, double, double, const SimilarityParams& params) const {
    return shrunk(cosine(this->xy[i], this->xx[i], this->yy[i]), this->n[i] - 1, params.shrinkage,
                  params.min_support - 1);
  }
};

template <int N>
struct Pearson {
  double xy[N];
  double xx[N];
  double yy[N];
  double x[N];
  double y[N];
  double n[N];

  TUSK_HD void add(const double* value, const double* held, double other) {
    for (int i = 0; i < N; ++i) xy[i] += rounded_product(value[i], other);
    for (int i = 0; i < N; ++i) xx[i] += rounded_product(value[i], value[i]);
    for (int i = 0; i < N; ++i) yy[i] += rounded_product(held[i], other * other);
    for (int i = 0; i < N; ++i) x[i] += value[i];
    for (int i = 0; i < N; ++i) y[i] += rounded_product(held[i], other);
    for (int i = 0; i < N; ++i) n[i] += held[i];
  }
  TUSK_HD double similarity(int i, double, double, const SimilarityParams& params) const {
    const double correlation =
        cosine(rounded_product(n[i], xy[i]) - rounded_product(x[i], y[i]),
               scaled_variance(n[i], xx[i], x[i]), scaled_variance(n[i], yy[i], y[i]));
    return shrunk(correlation, n[i], params.shrinkage, params.min_support);
  }
};

template <int N>
struct MeanSquaredDifference {
  double squares[N];
  double n[N];

  TUSK_HD void add(const double* value, const double* held, double y) {
    for (int i = 0; i < N; ++i) {
      const double difference = value[i] - y;
      squares[i] += rounded_product(held[i], difference * difference);
    }
    for (int i = 0; i < N; ++i) n[i] += held[i];
  }
  TUSK_HD double similarity(int i, double, double, const SimilarityParams& params) const {
    return shrunk(1 / (squares[i] / n[i] + 1), n[i], params.shrinkage, params.min_support);
  }
};

}  // namespace tusk
