#include "models/knn/knn_ratings.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tusk {

KnnRatings::KnnRatings(KnnRows rows, const KnnParams& params, const MfState& state, CsrView ratings)
    : params_(params),
      state_(state),
      ratings_(ratings),
      by_user_(rows == KnnRows::users),
      transposed_(ratings) {
  find_moments();
}

// Means of rows; standard deviations, which are over all of a row's ratings, not over one less. A
// row of equal ratings has the deviation of all ratings.
void KnnRatings::find_moments() {
  const CsrView matrix = rows();
  const auto count = static_cast<std::size_t>(matrix.rows());
  const auto divide = [&](std::vector<double>& sum) {
    for (std::size_t r = 0; r < count; ++r) {
      const auto ratings = matrix.row(static_cast<Index>(r)).size();
      if (ratings > 0) sum[r] /= static_cast<double>(ratings);
    }
  };
  mean_.assign(count, 0);
  matrix.each([&](Index row, std::size_t at) {
    mean_[static_cast<std::size_t>(row)] += static_cast<double>(matrix.value[at]);
  });
  divide(mean_);
  if (params_.centring != Centring::z_score) return;
  double overall = 0;
  spread_.assign(count, 0);
  matrix.each([&](Index row, std::size_t at) {
    const auto r = static_cast<std::size_t>(row);
    const double value = matrix.value[at];
    spread_[r] += (value - mean_[r]) * (value - mean_[r]);
    overall += (value - state_.mean) * (value - state_.mean);
  });
  divide(spread_);
  all_spread_ = std::sqrt(overall / static_cast<double>(matrix.size()));
  for (std::size_t r = 0; r < count; ++r) {
    spread_[r] = usable_spread(std::sqrt(spread_[r]), mean_[r]);
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
  const auto fill = [&](const auto& less) {
    const CsrView by_row = rows();
    const CsrView by_column = columns();
    measured.rows.resize(by_row.column.size());
    measured.columns.resize(by_row.column.size());
    by_row.each([&](Index row, std::size_t at) {
      measured.rows[at] = static_cast<float>(by_row.value[at] - less(row, by_row.column[at]));
    });
    by_column.each([&](Index column, std::size_t at) {
      measured.columns[at] =
          static_cast<float>(by_column.value[at] - less(by_column.column[at], column));
    });
  };
  if (params_.similarity.metric == SimilarityMetric::centered_cosine) {
    fill([&](Index row, Index) { return mean_[static_cast<std::size_t>(row)]; });
  } else if (params_.similarity.metric == SimilarityMetric::pearson_baseline) {
    fill([&](Index row, Index column) { return baseline(row, column); });
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
