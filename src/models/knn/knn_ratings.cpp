#include "models/knn/knn_ratings.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tusk {
namespace {

// Of each row's values; 0 for a row without.
std::vector<double> means_of(const CsrView& matrix) {
  std::vector<double> mean(static_cast<std::size_t>(matrix.rows()), 0);
  matrix.each([&](Index row, std::size_t at) {
    mean[static_cast<std::size_t>(row)] += static_cast<double>(matrix.value[at]);
  });
  for (std::size_t r = 0; r < mean.size(); ++r) {
    const auto values = matrix.row(static_cast<Index>(r)).size();
    if (values > 0) mean[r] /= static_cast<double>(values);
  }
  return mean;
}

}  // namespace

KnnRatings::KnnRatings(KnnRows rows, const KnnParams& params, const MfState& state, CsrView ratings)
    : params_(params),
      state_(state),
      ratings_(ratings),
      by_user_(rows == KnnRows::users),
      transposed_(ratings) {
  find_moments();
  if (params.low_weight) {
    weight_.emplace(InteractionOptions{params.relevance, *params.low_weight}, RatingScale(), false);
  }
}

// Means of rows; standard deviations, which are over all of a row's ratings, not over one less. A
// row of equal ratings has the deviation of all ratings.
void KnnRatings::find_moments() {
  const CsrView matrix = rows();
  const auto count = static_cast<std::size_t>(matrix.rows());
  mean_ = means_of(matrix);
  if (params_.centring == Centring::user_mean && !by_user_) user_mean_ = means_of(columns());
  if (params_.centring != Centring::z_score) return;
  double overall = 0;
  spread_.assign(count, 0);
  matrix.each([&](Index row, std::size_t at) {
    const auto r = static_cast<std::size_t>(row);
    const double value = matrix.value[at];
    spread_[r] += (value - mean_[r]) * (value - mean_[r]);
    overall += (value - state_.mean) * (value - state_.mean);
  });
  all_spread_ = std::sqrt(overall / static_cast<double>(matrix.size()));
  for (std::size_t r = 0; r < count; ++r) {
    const auto ratings = matrix.row(static_cast<Index>(r)).size();
    const double variance = spread_[r] / static_cast<double>(std::max<std::size_t>(ratings, 1));
    spread_[r] = usable_spread(std::sqrt(variance), mean_[r]);
  }
}

double KnnRatings::usable_spread(double spread, double mean) const {
  const double rounding = 1e-12 * std::abs(mean);
  if (spread > rounding) return spread;
  return all_spread_ > rounding ? all_spread_ : 1;
}

double KnnRatings::spread_of(std::span<const float> ratings, double mean) const {
  if (params_.centring != Centring::z_score) return 1;
  double squares = 0;
  for (const float rating : ratings) squares += (rating - mean) * (rating - mean);
  const double count = std::max<double>(1, static_cast<double>(ratings.size()));
  return usable_spread(std::sqrt(squares / count), mean);
}

double KnnRatings::baseline(Index row, Index column) const {
  const auto r = static_cast<std::size_t>(row);
  const auto c = static_cast<std::size_t>(column);
  const auto& row_bias = by_user_ ? state_.user_bias : state_.item_bias;
  const auto& column_bias = by_user_ ? state_.item_bias : state_.user_bias;
  return static_cast<double>(state_.mean) + row_bias[r] + column_bias[c];
}

double KnnRatings::centre(Index row, Index column) const {
  switch (params_.centring) {
    case Centring::none:
      return state_.mean;
    case Centring::mean:
    case Centring::z_score:
      return mean_[static_cast<std::size_t>(row)];
    case Centring::baseline:
      return baseline(row, column);
    case Centring::user_mean:
      return by_user_ ? mean_[static_cast<std::size_t>(row)]
                      : user_mean_[static_cast<std::size_t>(column)];
  }
  return 0;
}

double KnnRatings::spread(Index row) const {
  return spread_.empty() ? 1 : spread_[static_cast<std::size_t>(row)];
}

std::vector<float> KnnRatings::deviations() const {
  const CsrView matrix = columns();
  std::vector<float> deviation(matrix.column.size());
  matrix.each([&](Index column, std::size_t at) {
    deviation[at] = this->deviation(matrix.column[at], column, matrix.value[at]);
  });
  return deviation;
}

KnnRatings::Measured KnnRatings::measured() const {
  Measured measured;
  // value_of(row, column, rating)
  const auto fill = [&](const auto& value_of) {
    const CsrView by_row = rows();
    const CsrView by_column = columns();
    measured.rows.resize(by_row.column.size());
    measured.columns.resize(by_row.column.size());
    by_row.each([&](Index row, std::size_t at) {
      measured.rows[at] = static_cast<float>(value_of(row, by_row.column[at], by_row.value[at]));
    });
    by_column.each([&](Index column, std::size_t at) {
      measured.columns[at] =
          static_cast<float>(value_of(by_column.column[at], column, by_column.value[at]));
    });
  };
  const SimilarityMetric metric = params_.similarity.metric;
  if (metric == SimilarityMetric::centered_cosine) {
    fill([&](Index row, Index, float rating) {
      return rating - mean_[static_cast<std::size_t>(row)];
    });
  } else if (metric == SimilarityMetric::pearson_baseline) {
    fill([&](Index row, Index column, float rating) { return rating - baseline(row, column); });
  } else if (metric == SimilarityMetric::cosine && weight_) {
    fill([&](Index, Index, float rating) { return (*weight_)(rating); });
  }
  return measured;
}

NeighbourProblem KnnRatings::problem(const Measured& measured,
                                     std::span<const float> deviation) const {
  NeighbourProblem problem{rows(), columns(), deviation, params_.similarity};
  if (!measured.rows.empty()) {
    problem.rows.value = measured.rows;
    problem.columns.value = measured.columns;
  }
  return problem;
}

}  // namespace tusk
