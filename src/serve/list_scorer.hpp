// The scores that lists are ordered by.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tusk/backend.hpp>
#include <tusk/list_order.hpp>
#include <tusk/model.hpp>

#include "serve/knn_predictor.hpp"

namespace tusk {

// The prior of `order` with the score that it has for the model.
SupportPrior resolved(const ListOrder& order, const Model& model);

class ListScorer {
 public:
  // Backend and model are borrowed. Throws UsageError for an order that the model does not have.
  ListScorer(Backend& backend, const Model& model, const ListOrder& order);
  ListScorer(const ListScorer&) = delete;
  ListScorer& operator=(const ListScorer&) = delete;

  // As tusk::predict, whatever the order.
  std::vector<Prediction> predict(std::span<const Index> user, std::span<const Index> item);

  // Of each user and item; higher comes first. The same bits as those of a session. A user may be
  // kNone.
  std::vector<float> scores(std::span<const Index> user, std::span<const Index> item);

  // Finds the best of `candidates` that `exclude` does not hold for the user; of equal scores the
  // earlier candidate comes first. Borrows both, and this.
  std::unique_ptr<TopKSession> open_session(std::span<const Index> candidates, CsrView exclude);

  // The state whose score() is what lists are ordered by; null for a KNN model.
  const MfState* dot_state() const;

  // That it holds beside the model.
  std::uint64_t state_bytes() const;

 private:
  Backend& backend_;
  const Model& model_;
  RankBy by_;
  float prior_score_ = 0;
  std::vector<float> support_;       // n / (n + strength) by item; empty without a prior
  std::optional<KnnPredictor> knn_;  // of a KNN model
  std::optional<MfState> shrunk_;    // of another model with a prior: scores instead of ratings
};

// Pairs of a user and a candidate that are scored at a time; one takes about 60 bytes.
inline constexpr std::size_t kMostScoredPairs = 4'000'000;

// Lists of a model that is no dot product: all candidates are scored, some users at a time.
// Everything is borrowed.
class ScoringTopKSession : public TopKSession {
 public:
  ScoringTopKSession(ListScorer& scorer, std::span<const Index> candidates, CsrView exclude)
      : scorer_(scorer), candidates_(candidates), exclude_(exclude) {}

  TopK query(std::span<const Index> users, int k) override;

 private:
  ListScorer& scorer_;
  std::span<const Index> candidates_;
  CsrView exclude_;
};

}  // namespace tusk
