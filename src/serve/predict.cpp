#include <tusk/predict.hpp>

namespace tusk {

std::vector<Prediction> predict(Backend& backend, const Model& model, std::span<const Index> user,
                                std::span<const Index> item) {
  return model.open(backend)->predict(user, item);
}

}  // namespace tusk
