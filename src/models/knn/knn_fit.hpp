// Training of KNN models: keeping the ratings and, if asked for, finding every row's neighbours.
#pragma once

#include <optional>
#include <span>

#include <tusk/train.hpp>

#include "backend/backend.hpp"

namespace tusk {

// The k most similar rows of each row of `matrix`, found by a session whose rows these are. Throws
// Interrupted if it is stopped.
NeighbourTable find_neighbours(NeighbourSession& session, const CsrView& matrix, int k,
                               const Observer& observer);

// `state` is the bias model, or mean, of the part. Throws Interrupted if it is stopped.
KnnState fit_knn(Backend& backend, const Dataset& data, std::span<const Label> label,
                 const LabelSet& part, KnnRows rows, const KnnParams& params, const MfState& state,
                 const Observer& observer);

}  // namespace tusk
