// Predictions of a neighbour model.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <tusk/model.hpp>

#include "backend/backend.hpp"
#include "models/knn/knn_fold_in.hpp"
#include "models/knn/knn_ratings.hpp"
#include "models/knn/knn_state.hpp"
#include "models/knn/sum_rows.hpp"

namespace tusk {

class KnnPredictor : public Predictor {
 public:
  // `model` and its state are borrowed.
  KnnPredictor(Backend& backend, const Model& model, const KnnModelState& state);

  // With too few neighbours it is the bias model's prediction (Centring::baseline), the row's mean
  // (mean, z_score) or the mean of all ratings, and the evidence says which.
  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override;
  std::vector<Prediction> rank(RankBy by, std::span<const Index> user,
                               std::span<const Index> item) const override;
  // Where rows are items: as open_neighbours() says, or as they are in the table.
  std::optional<TopK> nearest_items(std::span<const Index> items, int k) const override;
  std::optional<std::vector<float>> similarities(Index item,
                                                 std::span<const Index> others) const override;
  std::unique_ptr<const Predictor> fold_in(CsrView ratings) const override;
  // For RankBy::sum, where it goes by a table.
  bool has_score_rows(RankBy by) const override;
  void score_rows(RankBy by, std::span<const Index> users,
                  const ScoreRowVisitor& visit) const override;
  std::int64_t pairs_at_once() const override;
  std::uint64_t table_bytes(RankBy by) const override;

 private:
  // visit(place in `user`, row, column, sums) of each prediction that averages over neighbours.
  template <class Visit>
  void each_weighed(std::span<const Index> user, std::span<const Index> item,
                    const Visit& visit) const;
  Prediction without_neighbours(Index user, Index item) const;
  SumRows::Terms rated_by(Index user) const;  // where rows are items
  std::vector<Prediction> without_neighbours(std::span<const Index> user,
                                             std::span<const Index> item) const;

  Backend& backend_;
  const Model& model_;
  const KnnModelState& state_;
  KnnRatings ratings_;
  std::vector<float> deviation_;  // of a table of neighbours
  std::unique_ptr<NeighbourSession> session_;
  mutable std::mutex mutex_;  // of the session, which one thread at a time may use
  SumRows sums_;
  mutable std::once_flag once_;
  mutable std::shared_ptr<const KnnFoldIn> fold_in_;  // made when it is needed first
};

}  // namespace tusk
