// What a neighbour model needs to fold in users who were not trained.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include <tusk/model.hpp>

#include "model/factor_prior.hpp"
#include "models/knn/knn_ratings.hpp"
#include "models/knn/knn_state.hpp"
#include "models/knn/sum_rows.hpp"

namespace tusk {

// What all new users share: the ratings as similarities see them, and the order in which equally
// similar neighbours are taken.
struct KnnFoldIn {
  // All are borrowed.
  KnnFoldIn(Backend& backend, const Model& model, const KnnModelState& state,
            const KnnRatings& ratings, const SumRows& sums);

  bool by_user() const { return state.rows() == KnnRows::users; }
  const KnnParams& params() const { return state.knn().params; }
  // In asymmetric_squares(), of the rows whose similarities() are asked for. New users seek their
  // neighbours; of items those that the user rated are the neighbours.
  float exponent() const {
    const float asymmetry = params().similarity.asymmetry;
    return by_user() ? asymmetry : 1 - asymmetry;
  }

  // The similarities of a row with these values to all rows of the model.
  std::vector<double> similarities(std::span<const Index> column,
                                   std::span<const double> value) const;
  // Those of one of its rows. Some are kept, for many users rate the same items.
  std::shared_ptr<const std::vector<double>> similarities(Index row) const;

  Backend& backend;
  const Model& model;
  const KnnModelState& state;
  const KnnRatings& ratings;
  const SumRows& sums;
  KnnRatings::Measured measured;
  NeighbourProblem problem;
  std::vector<double> squares;  // by row: asymmetric_squares() of the sum of those of its values
  std::vector<Index> order;     // rows, those first that are taken first
  std::vector<Index> number;    // the place of each row in it
  // Where rows are users, in the place of the entries of ratings.columns(): the numbers of the
  // users who rated an item, ascending, and the deviations of their ratings.
  std::vector<Index> rater;
  std::vector<float> deviation;
  FoldIn bias;  // of new users, by the bias model within

 private:
  void sort_raters();

  mutable std::mutex mutex_;  // of what is kept
  mutable std::unordered_map<Index, std::shared_ptr<const std::vector<double>>> kept_;
};

}  // namespace tusk
