// Training of KNN models: keeping the ratings and, if asked for, finding every row's neighbours.
#pragma once

#include <optional>
#include <span>

#include <tusk/train.hpp>

namespace tusk {

// `state` is the bias model, or mean, of the part. Throws Interrupted if it is stopped.
KnnState fit_knn(Backend& backend, const Dataset& data, std::span<const Label> label,
                 const LabelSet& part, KnnRows rows, const KnnParams& params, const MfState& state,
                 const Observer& observer);

}  // namespace tusk
