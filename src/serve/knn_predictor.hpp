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

 private:
  Prediction without_neighbours(Index user, Index item) const;

  const Model& model_;
  KnnRatings ratings_;
  std::vector<float> deviation_;
  KnnRatings::Measured measured_;
  std::unique_ptr<NeighbourSession> session_;
};

// The items of `candidates` (ascending) that the user has not rated, by predicted rating before
// clipping. All of them are predicted, some users at a time. Everything is borrowed.
class KnnTopKSession : public TopKSession {
 public:
  KnnTopKSession(KnnPredictor& predictor, std::span<const Index> candidates, CsrView exclude)
      : predictor_(predictor), candidates_(candidates), exclude_(exclude) {}

  TopK query(std::span<const Index> users, int k) override;

 private:
  KnnPredictor& predictor_;
  std::span<const Index> candidates_;
  CsrView exclude_;
};

}  // namespace tusk
