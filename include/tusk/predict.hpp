// Predicted ratings of many users and items at once.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tusk/device.hpp>
#include <tusk/model.hpp>

namespace tusk {

// As Predictor::predict() of a model that is opened for this alone. Throws UsageError for a model
// that predicts no ratings.
std::vector<Prediction> predict(Device& device, const Model& model, std::span<const Index> user,
                                std::span<const Index> item);
// The same by ids. Of one that the model does not know only what is known without it is used.
std::vector<Prediction> predict(Device& device, const Model& model,
                                std::span<const std::string> user_ids,
                                std::span<const std::string> item_ids);

// A predictor that shares the model. The device is borrowed.
std::shared_ptr<const Predictor> open_model(Device& device, std::shared_ptr<const Model> model);

}  // namespace tusk
