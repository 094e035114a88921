// What neighbours make a prediction, one formula for users who were trained and those who were not.
#pragma once

#include <tusk/knn.hpp>

#include "backend/backend.hpp"

namespace tusk {

// The neighbours' mean deviation, weighted by similarity and shrunk towards 0 if they are few or
// little alike.
inline double shrunk_mean(const NeighbourSums& sums, double shrinkage) {
  return sums.deviation / (sums.weight + shrinkage);
}

// The rating; `centre` and `spread` as KnnRatings says.
inline double knn_rating(const KnnParams& params, const NeighbourSums& sums, double centre,
                         double spread) {
  return centre + spread * shrunk_mean(sums, params.weight_shrinkage);
}

// As RankBy::sum.
inline float knn_sum(const KnnParams& params, const NeighbourSums& sums, double centre,
                     double spread) {
  double sum = spread * sums.deviation;
  if (params.centring == Centring::none) sum += centre * sums.weight;
  return static_cast<float>(sum);
}

}  // namespace tusk
