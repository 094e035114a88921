// The lists that are judged.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tusk/ranking.hpp>

#include "evaluation/ranked_list.hpp"
#include "evaluation/test_users.hpp"
#include "lists/list_scorer.hpp"
#include "lists/row_selector.hpp"

namespace tusk {

// The users whose lists are made.
struct ListAudience {
  CsrView seen;                        // what their lists leave out: ratings, users x items
  std::optional<CsrView> folded = {};  // with values, of users who are folded in; else the model's
};

// Makes the lists of a candidate policy.
class ListMaker {
 public:
  // Everything is borrowed. `catalogue` ascends: the items with training ratings. Throws UsageError
  // for an order that the model does not have, or where it cannot fold in users.
  ListMaker(Device& device, const Model& model, const ListAudience& audience,
            std::span<const Index> catalogue, const RankingOptions& options, int k);

  // Lists of k for as many of the first of `users` as make a batch.
  std::vector<RankedList> next_batch(std::span<const TestUser> users);

  // Where it is there, lists name the score of a tie, and not its items.
  const CommonOrder* common() const { return common_ ? &*common_ : nullptr; }

 private:
  const Predictor& predictor() const { return folded_ ? *folded_ : scorer_.predictor(); }
  std::vector<RankedList> by_rows(std::span<const TestUser> users) const;
  std::vector<RankedList> by_session(std::span<const TestUser> users);
  std::vector<RankedList> by_scores(std::span<const TestUser> users);
  std::vector<float> scores(std::span<const Index> user, std::span<const Index> item) const;
  std::vector<Index> unseen_with_score(Index user, float score) const;
  void append_candidates(const TestUser& test, std::vector<Index>& items) const;

  CsrView seen_;
  std::span<const Index> catalogue_;
  const RankingOptions& options_;
  int k_;
  ListScorer scorer_;
  std::unique_ptr<const Predictor> folded_;  // of users who are folded in
  std::optional<RowSelector> selector_;      // of all unseen items by rows of scores
  std::unique_ptr<TopKSession> session_;     // of all unseen items by a dot product
  std::optional<CommonOrder> common_;        // of a model without factors
};

}  // namespace tusk
