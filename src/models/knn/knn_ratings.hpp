// The training ratings of a KNN model as its neighbours see them. Rows and columns as in knn.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <tusk/knn.hpp>
#include <tusk/model.hpp>

#include "backend/backend.hpp"
#include "model/transposed.hpp"
#include "train/interactions.hpp"

namespace tusk {

// With d the deviation of a neighbour's rating,
//   prediction(row, column) = centre(row, column) + spread(row) * weighted mean of d
//   d(row, column) = (rating - centre(row, column)) / spread(row)
// is every Centring: Surprise's KNNBasic (the centre is the mean of all ratings, which cancels
// unless the weighted mean is shrunk), KNNWithMeans, KNNWithZScore and KNNBaseline.
class KnnRatings {
 public:
  // `ratings` are users x items. It and `state`, the bias model or mean, are borrowed.
  KnnRatings(KnnRows rows, const KnnParams& params, const MfState& state, CsrView ratings);

  CsrView rows() const { return by_user_ ? ratings_ : transposed_.view(); }
  CsrView columns() const { return by_user_ ? transposed_.view() : ratings_; }

  double centre(Index row, Index column) const;
  double spread(Index row) const;
  // The same of a row that is not there, with these ratings and their mean.
  double spread_of(std::span<const float> ratings, double mean) const;
  float deviation(Index row, Index column, float rating) const {
    return static_cast<float>((rating - centre(row, column)) / spread(row));
  }
  // What takes the place of ratings in lists by sums; see KnnParams::low_weight.
  const std::optional<InteractionWeight>& weight() const { return weight_; }
  // What RankBy::sum adds up times similarity, but for the spread of the row whose score it is.
  float summed(Index row, Index column, float rating) const {
    if (weight_) return (*weight_)(rating);
    return params_.centring == Centring::none ? rating : deviation(row, column, rating);
  }
  // Of the entries of columns().
  std::vector<float> deviations() const;

  // The values that the similarity is taken of, in the order of rows() and of columns(); both empty
  // where they are the ratings themselves.
  struct Measured {
    std::vector<float> rows;
    std::vector<float> columns;
  };
  Measured measured() const;
  // Borrows both, and this.
  NeighbourProblem problem(const Measured& measured, std::span<const float> deviation) const;

 private:
  double baseline(Index row, Index column) const;
  void find_moments();
  double usable_spread(double spread, double mean) const;

  KnnParams params_;
  std::optional<InteractionWeight> weight_;
  const MfState& state_;
  CsrView ratings_;
  bool by_user_;
  Transposed transposed_;
  std::vector<double> mean_;       // by row
  std::vector<double> user_mean_;  // by user, where rows are items; for Centring::user_mean
  std::vector<double> spread_;     // by row; empty but for Centring::z_score
  double all_spread_ = 0;          // of all ratings, for the same
};

}  // namespace tusk
