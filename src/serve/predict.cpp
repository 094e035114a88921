#include <tusk/predict.hpp>

namespace tusk {

std::vector<Prediction> predict(Backend&, const Model& model, std::span<const Index> user,
                                std::span<const Index> item) {
  std::vector<Prediction> predictions;
  predictions.reserve(user.size());
  for (std::size_t k = 0; k < user.size(); ++k) {
    predictions.push_back(model.predict(user[k], item[k]));
  }
  return predictions;
}

}  // namespace tusk
