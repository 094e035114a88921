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
  std::vector<Prediction> predict(std::span<const Index> user, std::span<const Index> item) const {
    return predictor_->predict(user, item);
  }

  // Of each user and item; higher comes first. The same bits as those of a session. A user may be
  // kNone.
  std::vector<float> scores(std::span<const Index> user, std::span<const Index> item) const;

  // Finds the best of `candidates` that `exclude` does not hold for the user; of equal scores the
  // earlier candidate comes first. Borrows both, and this.
  std::unique_ptr<TopKSession> open_session(std::span<const Index> candidates,
                                            CsrView exclude) const;

  // The state whose score() is what lists are ordered by; null where scores are no dot products.
  const MfState* dot_state() const;

  std::int64_t pairs_at_once() const { return predictor_->pairs_at_once(); }

  // That it holds beside the model.
  std::uint64_t state_bytes() const;

 private:
  Backend& backend_;
  const Model& model_;
  RankBy by_;
  float prior_score_ = 0;
  std::unique_ptr<const Predictor> predictor_;
  std::vector<float> support_;     // n / (n + strength) by item; empty without a prior
  std::optional<MfState> shrunk_;  // of dot products with a prior: scores instead of ratings
};

// Pairs of a user and a candidate that are scored at a time; one takes about 60 bytes.
inline constexpr std::size_t kMostScoredPairs = 4'000'000;

// Lists of a model that is no dot product: all candidates are scored, some users at a time.
// Everything is borrowed.
class ScoringTopKSession : public TopKSession {
 public:
  ScoringTopKSession(const ListScorer& scorer, std::span<const Index> candidates, CsrView exclude)
      : scorer_(scorer), candidates_(candidates), exclude_(exclude) {}

  TopK query(std::span<const Index> users, int k) override;

 private:
  const ListScorer& scorer_;
  std::span<const Index> candidates_;
  CsrView exclude_;
};

}  // namespace tusk
