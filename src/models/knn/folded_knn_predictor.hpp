// Predictions of neighbour models for users who were not trained.
#pragma once

#include <memory>

#include "models/knn/knn_fold_in.hpp"

namespace tusk {

// Everything is borrowed but `shared`.
std::unique_ptr<const Predictor> open_knn_fold_in(std::shared_ptr<const KnnFoldIn> shared,
                                                  CsrView ratings);

}  // namespace tusk
