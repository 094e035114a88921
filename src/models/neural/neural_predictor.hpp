// Predictions of a neural model.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tusk/model.hpp>

#include "models/neural/neural_fold_in.hpp"
#include "models/neural/pair_scores.hpp"

namespace tusk {

// Users and items without training ratings are the mean ones; an item of which features are known
// has these.
class NeuralPredictor : public Predictor {
 public:
  // All is borrowed.
  NeuralPredictor(Backend& backend, const Model& model, const NeuralState& state);

  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override;
  std::optional<std::vector<float>> similarities(Index item,
                                                 std::span<const Index> others) const override;
  std::unique_ptr<const Predictor> fold_in(CsrView ratings) const override;
  bool has_score_rows(RankBy) const override { return true; }
  void score_rows(RankBy by, std::span<const Index> users,
                  const ScoreRowVisitor& visit) const override;
  std::int64_t pairs_at_once() const override { return 1 << 16; }

 private:
  // What those that are folded in share with the trained users' predictor.
  struct Shared;
  struct Folded;
  NeuralPredictor(std::shared_ptr<const Shared> shared, std::shared_ptr<const Folded> folded);

  UserItems about(Index user, std::span<const Index> items) const;
  Evidence evidence(Index user, Index item) const;

  std::shared_ptr<const Shared> shared_;
  std::shared_ptr<const Folded> folded_;  // null: trained users
};

}  // namespace tusk
