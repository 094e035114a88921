// Predictions of models whose scores are dot products and biases.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include <tusk/model.hpp>

#include "model/factor_prior.hpp"

namespace tusk {

class DotPredictor : public Predictor {
 public:
  // Both are borrowed.
  DotPredictor(Backend& backend, const Model& model) : backend_(backend), model_(model) {}

  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override;
  std::optional<std::vector<float>> similarities(Index item,
                                                 std::span<const Index> others) const override;
  std::unique_ptr<const Predictor> fold_in(CsrView ratings) const override;
  std::optional<UserVectors> user_vectors() const override;

 private:
  Backend& backend_;
  const Model& model_;
  mutable std::once_flag once_units_;
  mutable std::vector<float> units_;  // the items' factors at length 1, when they are needed first
  mutable std::once_flag once_;
  mutable std::shared_ptr<const FactorPriors> priors_;
  mutable std::optional<FoldIn> fold_in_;  // opened when it is needed first
};

}  // namespace tusk
