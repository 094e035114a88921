// Scores of EASE.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tusk/model.hpp>

#include "algebra/sparse_row.hpp"
#include "backend/backend.hpp"
#include "model/transposed.hpp"
#include "models/ease/ease_state.hpp"
#include "train/interactions.hpp"

namespace tusk {

// A prediction's score, which is its rating, too, is the user's row of weights times B; 0 for users
// and items without interactions.
class EasePredictor : public Predictor {
 public:
  // `model` and its state are borrowed.
  EasePredictor(Backend& backend, const Model& model, const EaseState& state);

  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override;
  // By the partial correlations of items given all others, -P_ij / sqrt(P_ii P_jj).
  std::optional<TopK> nearest_items(std::span<const Index> items, int k) const override;
  std::optional<std::vector<float>> similarities(Index item,
                                                 std::span<const Index> others) const override;
  std::unique_ptr<const Predictor> fold_in(CsrView ratings) const override;
  std::vector<std::vector<Contribution>> contributions(Index user,
                                                       std::span<const Index> items) const override;
  std::int64_t pairs_at_once() const override;

 private:
  // What those that are folded in share with the trained users' predictor.
  struct Shared;
  struct Scratch;
  // Of users with these ratings.
  EasePredictor(std::shared_ptr<const Shared> shared, CsrView ratings, bool is_trained);

  void score(Index user, std::span<const Index> item, Scratch& scratch,
             std::span<Prediction> predictions) const;
  // Fill scratch.sums with the scores of scratch.place.
  void score_by_rows(const SparseRow& own, Scratch& scratch) const;
  void score_by_neighbours(const SparseRow& own, Scratch& scratch) const;
  void score_trained(Index user, const SparseRow& own, Scratch& scratch) const;
  Evidence evidence(Index user, Index item) const;
  bool knows(Index user) const { return 0 <= user && user < ratings_.rows(); }
  CsrView weights() const;

  std::shared_ptr<const Shared> shared_;
  CsrView ratings_;
  bool is_trained_;
  SparseMatrixOf folded_;  // the weights of ratings that are folded in, by place
};

}  // namespace tusk
