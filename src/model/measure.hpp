// Which sums a similarity takes.
#pragma once

#include <tusk/knn.hpp>

namespace tusk {

// One for each class of model/similarity.hpp.
enum class Measure {
  whole_cosine,
  counted_cosine,
  corated_cosine,
  pearson,
  baseline_pearson,
  mean_squared_difference,
};

inline constexpr int kMeasures = 6;

Measure measure_of(const SimilarityParams& params);

}  // namespace tusk
