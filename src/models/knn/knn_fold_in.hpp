// Predictions of a neighbour model for users who were not trained.
#pragma once

#include <memory>
#include <vector>

#include <tusk/model.hpp>

#include "model/factor_prior.hpp"
#include "models/knn/knn_ratings.hpp"
#include "models/knn/knn_state.hpp"

namespace tusk {

// What all new users share: the ratings as similarities see them, and the order in which equally
// similar neighbours are taken.
struct KnnFoldIn {
  // All are borrowed.
  KnnFoldIn(Backend& backend, const Model& model, const KnnModelState& state,
            const KnnRatings& ratings);

  bool by_user() const { return state.rows() == KnnRows::users; }
  const KnnParams& params() const { return state.knn().params; }

  // The similarities of a row with these values to all rows of the model.
  std::vector<double> similarities(std::span<const Index> column,
                                   std::span<const double> value) const;
  std::vector<double> similarities(Index row) const;  // of one of its rows

  Backend& backend;
  const Model& model;
  const KnnModelState& state;
  const KnnRatings& ratings;
  KnnRatings::Measured measured;
  NeighbourProblem problem;
  std::vector<float> deviation;  // of the entries of ratings.columns()
  std::vector<double> squares;   // by row: the sum of those of its values
  std::vector<Index> order;      // rows, those first that are taken first
  std::vector<Index> number;     // the place of each row in it
  FoldIn bias;                   // of new users, by the bias model within
};

// Everything is borrowed but `shared`.
std::unique_ptr<const Predictor> open_knn_fold_in(std::shared_ptr<const KnnFoldIn> shared,
                                                  CsrView ratings);

}  // namespace tusk
