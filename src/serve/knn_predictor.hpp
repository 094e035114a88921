// Predictions of a KNN model.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include <tusk/backend.hpp>
#include <tusk/model.hpp>

#include "model/knn_ratings.hpp"

namespace tusk {

class KnnPredictor {
 public:
  // `model` is borrowed.
  KnnPredictor(Backend& backend, const Model& model);
  KnnPredictor(const KnnPredictor&) = delete;
  KnnPredictor& operator=(const KnnPredictor&) = delete;

  // As tusk::predict.
  std::vector<Prediction> predict(std::span<const Index> user, std::span<const Index> item);

  // The most similar rows of each, as open_neighbours() says, or as they are in the table.
  TopK nearest(std::span<const Index> rows, int k) { return session_->query(rows, k); }

  // The scores of RankBy::sum.
  std::vector<float> sums(std::span<const Index> user, std::span<const Index> item);

 private:
  // visit(place in `user`, row, column, sums) of each prediction that neighbours have a say in.
  template <class Visit>
  void each_weighed(std::span<const Index> user, std::span<const Index> item, const Visit& visit);
  Prediction without_neighbours(Index user, Index item) const;
  std::vector<Prediction> without_neighbours(std::span<const Index> user,
                                             std::span<const Index> item) const;

  const Model& model_;
  KnnRatings ratings_;
  std::vector<float> deviation_;  // of a table of neighbours
  std::unique_ptr<NeighbourSession> session_;
};

}  // namespace tusk
