// States whose scores are dot products and biases.
#include <limits>
#include <utility>

#include <tusk/error.hpp>
#include <tusk/model.hpp>

#include "models/algorithm.hpp"

namespace tusk {
namespace {

class DotPredictor : public Predictor {
 public:
  DotPredictor(Backend& backend, const Model& model) : backend_(backend), model_(model) {}

  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override {
    std::vector<Prediction> predictions;
    predictions.reserve(user.size());
    for (std::size_t k = 0; k < user.size(); ++k) {
      if (k % 4096 == 0) backend_.check_stop();
      predictions.push_back(model_.predict_by_state(user[k], item[k]));
    }
    return predictions;
  }

 private:
  Backend& backend_;
  const Model& model_;
};

class DotState : public ModelState {
 public:
  DotState(const AlgorithmInfo& algorithm, MfState state)
      : ModelState(std::move(state)), algorithm_(algorithm) {}

  const AlgorithmInfo& algorithm() const override { return algorithm_; }
  bool is_dot_product() const override { return true; }
  std::unique_ptr<const Predictor> open(Backend& backend, const Model& model) const override {
    return std::make_unique<DotPredictor>(backend, model);
  }

 private:
  const AlgorithmInfo& algorithm_;
};

}  // namespace

std::shared_ptr<const ModelState> make_dot_state(std::string_view model, MfState state) {
  return std::make_shared<DotState>(find_algorithm(model), std::move(state));
}

std::shared_ptr<const ModelState> DotAlgorithm::load(const SafetensorsReader&, MfState base,
                                                     const SeenItems&) const {
  if (!has(base)) throw FormatError("it does not have the tensors of its kind of model");
  return make_dot_state(info().name, std::move(base));
}

std::vector<Prediction> Predictor::rank(RankBy, std::span<const Index> user,
                                        std::span<const Index> item) const {
  return predict(user, item);
}

std::optional<TopK> Predictor::nearest_items(std::span<const Index>, int) const {
  return std::nullopt;
}

std::int64_t Predictor::pairs_at_once() const { return std::numeric_limits<std::int64_t>::max(); }

}  // namespace tusk
