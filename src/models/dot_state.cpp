// States whose scores are dot products and biases.
#include <utility>

#include <tusk/error.hpp>
#include <tusk/model.hpp>

#include "model/factor_prior.hpp"
#include "models/algorithm.hpp"
#include "models/dot_predictor.hpp"

namespace tusk {
namespace {

class DotState : public ModelState {
 public:
  DotState(const AlgorithmInfo& algorithm, MfState state,
           std::shared_ptr<const FactorPriors> priors)
      : ModelState(std::move(state)), algorithm_(algorithm), priors_(std::move(priors)) {}

  const AlgorithmInfo& algorithm() const override { return algorithm_; }
  std::shared_ptr<const FactorPriors> priors() const override { return priors_; }
  bool is_dot_product() const override { return true; }
  void save(SafetensorsWriter& writer) const override {
    if (priors_) write_priors(writer, *priors_);
  }
  std::unique_ptr<const Predictor> open(Backend& backend, const Model& model) const override {
    return std::make_unique<DotPredictor>(backend, model);
  }

 private:
  const AlgorithmInfo& algorithm_;
  std::shared_ptr<const FactorPriors> priors_;
};

}  // namespace

std::shared_ptr<const ModelState> make_dot_state(std::string_view model, MfState state,
                                                 std::shared_ptr<const FactorPriors> priors) {
  return std::make_shared<DotState>(find_algorithm(model), std::move(state), std::move(priors));
}

std::shared_ptr<const ModelState> DotAlgorithm::load(const SafetensorsReader& reader, MfState base,
                                                     const SeenItems&) const {
  if (!has(base)) throw FormatError("it does not have the tensors of its kind of model");
  std::shared_ptr<const FactorPriors> priors;
  if (base.factors > 0 && has_priors(reader)) {
    priors = std::make_shared<const FactorPriors>(read_priors(reader, base));
  }
  return make_dot_state(info().name, std::move(base), std::move(priors));
}

}  // namespace tusk
