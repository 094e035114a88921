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
#include "lists/row_selector.hpp"

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

  using Lists = std::vector<std::vector<Recommendation>>;

  // Of the model's own users; others are those that it folds in.
  const Predictor& predictor() const { return *predictor_; }

  // Of each user and item: the score that lists are ordered by, higher first, with the bits of
  // open_dot()'s; the predicted rating, whatever the order; and what that rests on. A user may be
  // kNone.
  std::vector<Prediction> rank(const Predictor& predictor, std::span<const Index> user,
                               std::span<const Index> item) const;
  // The scores alone, of the model's own users.
  std::vector<float> scores(std::span<const Index> user, std::span<const Index> item) const;

  // For each user the best k of `candidates` that `exclude` does not hold for the user; of equal
  // scores the earlier candidate comes first. All are scored, some users at a time.
  Lists lists(const Predictor& predictor, std::span<const Index> users,
              std::span<const Index> candidates, CsrView exclude, int k) const;
  // The same of what was found by open_dot() or best_rows().
  Lists lists(const Predictor& predictor, std::span<const Index> users, const TopK& found) const;

  // Finds the same lists where scores are dot products; null for other models. Borrows both, and
  // this.
  std::unique_ptr<DotTopKSession> open_session(std::span<const Index> candidates,
                                               CsrView exclude) const;

  // Whether all items are scored for a user together.
  bool has_rows() const { return predictor_->has_score_rows(by_); }
  // Calls visit() as score_rows() does, with the scores that lists are ordered by.
  void each_row(const Predictor& predictor, std::span<const Index> users,
                const ScoreRowVisitor& visit) const;
  // For each user the best k of the selector's candidates that `exclude` does not hold.
  TopK best_rows(const Predictor& predictor, std::span<const Index> users,
                 const RowSelector& candidates, CsrView exclude, int k) const;

  // The vectors of users who are folded in, as dot_state() has its own.
  ListVectors list_vectors(const Predictor& folded) const;

  // The state whose score() is what lists are ordered by; null where scores are no dot products.
  const MfState* dot_state() const;

  std::int64_t pairs_at_once() const { return predictor_->pairs_at_once(); }

  // Of the predictor, for the scores that lists are ordered by.
  std::uint64_t table_bytes() const { return predictor_->table_bytes(by_); }
  // That it holds beside the model, the predictor's tables included.
  std::uint64_t state_bytes() const;

 private:
  std::vector<Prediction> rank(const Predictor& predictor, std::span<const Index> user,
                               std::span<const Index> item, PartRanks& parts) const;

  Backend& backend_;
  const Model& model_;
  RankBy by_;
  float prior_score_ = 0;
  std::unique_ptr<const Predictor> predictor_;
  std::vector<float> support_;     // n / (n + strength) by item; empty without a prior
  std::optional<MfState> shrunk_;  // of dot products with a prior: scores instead of ratings
};

// The candidates of several users, one user after another, to be scored together.
struct PairBatch {
  static constexpr std::size_t kMostPairs = 4'000'000;  // the last user may exceed it
  static constexpr std::uint64_t kPairBytes = 70;       // about, while it is scored

  std::vector<Index> user;
  std::vector<Index> item;
  std::vector<std::size_t> end;  // of each user in the two

  bool is_full() const { return item.size() >= kMostPairs; }

  // append(items) appends the candidates of `of`.
  template <class Append>
  void add(Index of, const Append& append) {
    append(item);
    user.resize(item.size(), of);
    end.push_back(item.size());
  }

  // Calls visit(first, count) with the pairs of each user.
  template <class Visit>
  void each(const Visit& visit) const {
    std::size_t first = 0;
    for (const std::size_t of_user : end) {
      visit(first, of_user - first);
      first = of_user;
    }
  }
};

}  // namespace tusk
