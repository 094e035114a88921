// Predicted ratings of many users and items at once.
#pragma once

#include <span>
#include <vector>

#include <tusk/backend.hpp>
#include <tusk/model.hpp>

namespace tusk {

// The rating by each user[k] of item[k], which are indices of the model or kNone, by every kind of
// model. Where a KNN model finds too few neighbours the prediction is that of its bias model
// (Centring::baseline), the row's mean (mean, z_score) or the mean of all ratings, and the evidence
// says which. A rating that is predicted has no say in its own prediction, even if it was seen.
std::vector<Prediction> predict(Backend& backend, const Model& model, std::span<const Index> user,
                                std::span<const Index> item);

}  // namespace tusk
