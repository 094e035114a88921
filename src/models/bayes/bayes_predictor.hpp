// Predictions by the draws of a model.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tusk/model.hpp>

#include "models/bayes/bayes_state.hpp"

namespace tusk {

// A score is the mean over the draws, a rating that of the clipped draws.
class BayesPredictor : public Predictor {
 public:
  // All is borrowed.
  BayesPredictor(Backend& backend, const Model& model, const BayesState& state);

  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override;
  std::vector<Prediction> predict_at(std::span<const Index> user, std::span<const Index> item,
                                     std::span<const std::int64_t> time) const override;
  std::optional<std::vector<float>> similarities(Index item,
                                                 std::span<const Index> others) const override;
  std::unique_ptr<const Predictor> fold_in(CsrView ratings) const override;
  bool has_score_rows(RankBy) const override { return true; }
  void score_rows(RankBy by, std::span<const Index> users,
                  const ScoreRowVisitor& visit) const override;
  std::vector<Prediction> rank(RankBy by, std::span<const Index> user,
                               std::span<const Index> item) const override;
  std::unique_ptr<const Predictor> with_risk(float risk) const override;
  std::vector<float> deviations(std::span<const Index> user,
                                std::span<const Index> item) const override;
  std::vector<float> deviations_at(std::span<const Index> user, std::span<const Index> item,
                                   std::span<const std::int64_t> time) const override;
  std::int64_t pairs_at_once() const override { return 1 << 16; }

 private:
  struct Shared;
  struct Folded;
  BayesPredictor(std::shared_ptr<const Shared> shared, std::shared_ptr<const Folded> folded,
                 float risk);

  const float* user_row(Index user) const;
  Evidence evidence(Index user, Index item) const;
  BayesMoments found(Index user, Index item, std::int64_t time) const;
  // The scores of all items for a few users, without risk.
  std::vector<std::vector<float>> means(std::span<const Index> users) const;
  // Calls visit(pair, moments) for all pairs, on several threads.
  template <class Visit>
  void each_pair(std::span<const Index> user, std::span<const Index> item,
                 std::span<const std::int64_t> time, const Visit& visit) const;

  std::shared_ptr<const Shared> shared_;
  std::shared_ptr<const Folded> folded_;  // null: trained users
  float risk_ = 0;
};

}  // namespace tusk
