// States whose scores are dot products and biases.
#include <limits>
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

std::vector<Prediction> Predictor::rank(RankBy, std::span<const Index> user,
                                        std::span<const Index> item) const {
  return predict(user, item);
}

std::unique_ptr<const Predictor> Predictor::fold_in(CsrView) const {
  throw UsageError("this kind of model does not fold in new users");
}

std::vector<std::vector<Contribution>> Predictor::contributions(
    Index, std::span<const Index> items) const {
  return std::vector<std::vector<Contribution>>(items.size());
}

std::optional<TopK> Predictor::nearest_items(std::span<const Index>, int) const {
  return std::nullopt;
}

std::optional<std::vector<float>> Predictor::text_scores(std::string_view,
                                                         std::span<const Index>) const {
  return std::nullopt;
}

std::vector<std::vector<PartRank>> Predictor::part_ranks(Index, std::span<const Index>) const {
  return {};
}

std::int64_t Predictor::pairs_at_once() const { return std::numeric_limits<std::int64_t>::max(); }

}  // namespace tusk
