// Predicted ratings of many users and items at once.
#pragma once

#include <span>
#include <vector>

#include <tusk/backend.hpp>
#include <tusk/model.hpp>

namespace tusk {

// As Predictor::predict() of a model that is opened for this alone.
std::vector<Prediction> predict(Backend& backend, const Model& model, std::span<const Index> user,
                                std::span<const Index> item);

}  // namespace tusk
