#include "model/measure.hpp"

namespace tusk {

Measure measure_of(const SimilarityParams& params) {
  switch (params.metric) {
    case SimilarityMetric::cosine:
    case SimilarityMetric::centered_cosine:
      return params.shrinkage == 0 && params.min_support <= 1 ? Measure::whole_cosine
                                                              : Measure::counted_cosine;
    case SimilarityMetric::cosine_corated:
      return Measure::corated_cosine;
    case SimilarityMetric::pearson:
      return Measure::pearson;
    case SimilarityMetric::msd:
      return Measure::mean_squared_difference;
    case SimilarityMetric::pearson_baseline:
      return Measure::baseline_pearson;
  }
  return Measure::whole_cosine;
}

}  // namespace tusk
