// The scores that lists are ordered by.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tusk/list_order.hpp>
#include <tusk/model.hpp>
#include <tusk/recommend.hpp>

#include "backend/backend.hpp"

namespace tusk {

// The prior of `order` with the score that it has for the model.
SupportPrior resolved(const ListOrder& order, const Model& model);

// Vectors of users and the memory that they are in, unless it is their predictor's.
struct ListVectors {
  UserVectors view;
  std::vector<float> factors;
  std::vector<float> bias;
};

class ListScorer {
 public:
  // Device and model are borrowed. Throws UsageError for an order that the model does not have.
  ListScorer(Device& device, const Model& model, const ListOrder& order);
  ListScorer(const ListScorer&) = delete;
  ListScorer& operator=(const ListScorer&) = delete;

  // Of each user and item: the score that lists are ordered by, higher first, with the bits of
  // open_dot()'s; the predicted rating, whatever the order; and what that rests on. A user may be
  // kNone.
  std::vector<Prediction> rank(std::span<const Index> user, std::span<const Index> item) const;
  // The scores alone.
  std::vector<float> scores(std::span<const Index> user, std::span<const Index> item) const;

  // For each user the best k of `candidates` that `exclude` does not hold for the user; of equal
  // scores the earlier candidate comes first. All are scored, some users at a time.
  std::vector<std::vector<Recommendation>> lists(std::span<const Index> users,
                                                 std::span<const Index> candidates, CsrView exclude,
                                                 int k) const;
  // The same of what was found by open_dot().
  std::vector<std::vector<Recommendation>> lists(std::span<const Index> users,
                                                 const TopK& found) const;

  // Finds the same lists where scores are dot products; null for other models. Borrows both, and
  // this.
  std::unique_ptr<DotTopKSession> open_session(std::span<const Index> candidates,
                                               CsrView exclude) const;

  // The model's own; users of others that it folds in are listed as its own are:
  const Predictor& predictor() const { return *predictor_; }
  std::vector<std::vector<Recommendation>> lists(const Predictor& folded,
                                                 std::span<const Index> users,
                                                 std::span<const Index> candidates, CsrView exclude,
                                                 int k) const;
  std::vector<std::vector<Recommendation>> lists(const Predictor& folded,
                                                 const TopK& found) const;
  // Their vectors, as dot_state() has its own.
  ListVectors list_vectors(const Predictor& folded) const;

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

// Pairs of a user and a candidate that are scored at a time; one takes about 70 bytes.
inline constexpr std::size_t kMostScoredPairs = 4'000'000;

}  // namespace tusk
