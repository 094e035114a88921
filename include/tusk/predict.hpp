// Predicted ratings of many users and items at once.
#pragma once

#include <span>
#include <vector>

#include <tusk/backend.hpp>
#include <tusk/model.hpp>

namespace tusk {

// Model::predict for each user[k], item[k], which are indices of the model or kNone.
std::vector<Prediction> predict(Backend& backend, const Model& model, std::span<const Index> user,
                                std::span<const Index> item);

}  // namespace tusk
