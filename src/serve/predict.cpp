#include <tusk/predict.hpp>

#include "serve/knn_predictor.hpp"

namespace tusk {

std::vector<Prediction> predict(Backend& backend, const Model& model, std::span<const Index> user,
                                std::span<const Index> item) {
  if (model.knn()) return KnnPredictor(backend, model).predict(user, item);
  std::vector<Prediction> predictions;
  predictions.reserve(user.size());
  for (std::size_t k = 0; k < user.size(); ++k) {
    if (k % 4096 == 0) backend.check_stop();
    predictions.push_back(model.predict_by_state(user[k], item[k]));
  }
  return predictions;
}

}  // namespace tusk
