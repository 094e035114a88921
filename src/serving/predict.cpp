#include <utility>

#include <tusk/list_order.hpp>
#include <tusk/predict.hpp>

namespace tusk {

std::vector<Prediction> predict(Device& device, const Model& model, std::span<const Index> user,
                                std::span<const Index> item) {
  check_predicts_ratings(model);
  return model.open(device)->predict(user, item);
}

std::vector<Prediction> predict(Device& device, const Model& model,
                                std::span<const std::string> user_ids,
                                std::span<const std::string> item_ids) {
  return predict(device, model, model.users.find(user_ids), model.items.find(item_ids));
}

std::shared_ptr<const Predictor> open_model(Device& device, std::shared_ptr<const Model> model) {
  struct Opened {
    std::shared_ptr<const Model> model;
    std::unique_ptr<const Predictor> predictor;
  };
  auto predictor = model->open(device);
  const auto opened = std::make_shared<Opened>(Opened{std::move(model), std::move(predictor)});
  return {opened, opened->predictor.get()};
}

}  // namespace tusk
