#include "tests/support/reference_knn.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tusk::test {
namespace {

double product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double cosine_of(const std::vector<double>& a, const std::vector<double>& b) {
  const double norms = std::sqrt(product(a, a)) * std::sqrt(product(b, b));
  return norms > 1e-9 ? product(a, b) / norms : 0;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

ReferenceKnn::ReferenceKnn(KnnRows kind, const KnnParams& params, const MfState& state,
                           const CsrView& data)
    : kind_(kind), params_(params), state_(state) {
  const bool by_user = kind == KnnRows::users;
  const auto users = static_cast<std::size_t>(data.rows());
  const auto items = static_cast<std::size_t>(data.columns);
  rows_.assign(by_user ? users : items,
               Row(by_user ? items : users, std::numeric_limits<double>::quiet_NaN()));
  data.each([&](Index user, std::size_t at) {
    const auto u = static_cast<std::size_t>(user);
    const auto i = static_cast<std::size_t>(data.column[at]);
    (by_user ? rows_[u][i] : rows_[i][u]) = data.value[at];
  });
}

double ReferenceKnn::baseline(std::size_t row, std::size_t column) const {
  const bool by_user = kind_ == KnnRows::users;
  return static_cast<double>(state_.mean) + state_.user_bias[by_user ? row : column] +
         state_.item_bias[by_user ? column : row];
}

double ReferenceKnn::mean(std::size_t row) const {
  std::vector<double> values;
  for (const double value : rows_[row]) {
    if (!std::isnan(value)) values.push_back(value);
  }
  return mean_of(values);
}

double ReferenceKnn::deviation(std::size_t row) const {
  double squares = 0;
  double count = 0;
  const auto add = [&](const Row& values, double middle) {
    for (const double value : values) {
      if (std::isnan(value)) continue;
      squares += std::pow(value - middle, 2);
      ++count;
    }
  };
  add(rows_[row], mean(row));
  if (squares > 1e-9) return std::sqrt(squares / count);
  squares = count = 0;
  for (const Row& values : rows_) add(values, state_.mean);
  return std::sqrt(squares / count);
}

double ReferenceKnn::similarity(std::size_t a, std::size_t b) const {
  const SimilarityParams& params = params_.similarity;
  std::vector<double> whole_a;  // 0 where missing
  std::vector<double> whole_b;
  std::vector<double> both_a;  // co-rated
  std::vector<double> both_b;
  for (std::size_t c = 0; c < rows_[a].size(); ++c) {
    const auto value = [&](std::size_t row) {
      const double rating = rows_[row][c];
      if (params.metric == SimilarityMetric::centered_cosine) return rating - mean(row);
      if (params.metric == SimilarityMetric::pearson_baseline) return rating - baseline(row, c);
      return rating;
    };
    const double of_a = value(a);
    const double of_b = value(b);
    whole_a.push_back(std::isnan(of_a) ? 0 : of_a);
    whole_b.push_back(std::isnan(of_b) ? 0 : of_b);
    if (std::isnan(of_a) || std::isnan(of_b)) continue;
    both_a.push_back(of_a);
    both_b.push_back(of_b);
  }
  const auto n = static_cast<double>(both_a.size());
  if (n == 0 || n < params.min_support) return 0;
  const double shrinkage = params.shrinkage;
  switch (params.metric) {
    case SimilarityMetric::cosine:
    case SimilarityMetric::centered_cosine: {
      // Asymmetry is a power of the ratio of the norms, beside the plain cosine.
      const double ratio = std::sqrt(product(whole_b, whole_b) / product(whole_a, whole_a));
      return cosine_of(whole_a, whole_b) * std::pow(ratio, 2 * params.asymmetry - 1) * n /
             (n + shrinkage);
    }
    case SimilarityMetric::cosine_corated:
      return cosine_of(both_a, both_b) * n / (n + shrinkage);
    case SimilarityMetric::pearson: {
      const double mean_a = mean_of(both_a);
      const double mean_b = mean_of(both_b);
      for (double& value : both_a) value -= mean_a;
      for (double& value : both_b) value -= mean_b;
      return cosine_of(both_a, both_b) * n / (n + shrinkage);
    }
    case SimilarityMetric::msd: {
      double squares = 0;
      for (std::size_t i = 0; i < both_a.size(); ++i) squares += std::pow(both_a[i] - both_b[i], 2);
      return 1 / (squares / n + 1) * n / (n + shrinkage);
    }
    case SimilarityMetric::pearson_baseline:
      return n < 2 ? 0 : cosine_of(both_a, both_b) * (n - 1) / (n - 1 + shrinkage);
  }
  return 0;
}

double ReferenceKnn::user_mean(std::size_t row, std::size_t column) const {
  if (kind_ == KnnRows::users) return mean(row);
  std::vector<double> values;
  for (const Row& values_of_row : rows_) {
    if (!std::isnan(values_of_row[column])) values.push_back(values_of_row[column]);
  }
  return mean_of(values);
}

double ReferenceKnn::centre(std::size_t row, std::size_t column) const {
  switch (params_.centring) {
    case Centring::none:
      return static_cast<double>(state_.mean);
    case Centring::mean:
    case Centring::z_score:
      return mean(row);
    case Centring::baseline:
      return baseline(row, column);
    case Centring::user_mean:
      return user_mean(row, column);
  }
  return 0;
}

double ReferenceKnn::spread(std::size_t row) const {
  return params_.centring == Centring::z_score ? deviation(row) : 1;
}

ReferenceKnn::Sums ReferenceKnn::sums(std::size_t row, std::size_t column, bool from_table) const {
  std::vector<std::pair<double, std::size_t>> similar;  // negated, to be sorted
  for (std::size_t other = 0; other < rows_.size(); ++other) {
    if (other == row) continue;
    const double value = similarity(row, other);
    if (value > 0 && (from_table || !std::isnan(rows_[other][column]))) {
      similar.emplace_back(-value, other);
    }
  }
  std::sort(similar.begin(), similar.end());
  similar.resize(std::min(similar.size(), static_cast<std::size_t>(params_.neighbours)));
  Sums sums;
  for (const auto& [negated, other] : similar) {
    const double rating = rows_[other][column];
    if (std::isnan(rating)) continue;
    sums.weight -= negated;
    sums.deviation -= negated * (rating - centre(other, column)) / spread(other);
    ++sums.count;
  }
  return sums;
}

ReferenceKnn::Predicted ReferenceKnn::predict(Index user, Index item) const {
  const bool by_user = kind_ == KnnRows::users;
  const auto row = static_cast<std::size_t>(by_user ? user : item);
  const auto column = static_cast<std::size_t>(by_user ? item : user);
  const Sums rated = sums(row, column, params_.policy == NeighbourPolicy::table);
  const Sums listed = sums(row, column, params_.policy != NeighbourPolicy::raters);
  Predicted predicted;
  predicted.neighbours = rated.count;
  predicted.rating = centre(row, column);
  if (rated.count >= params_.min_neighbours) {
    predicted.rating += spread(row) * rated.deviation / (rated.weight + params_.weight_shrinkage);
  }
  if (listed.count >= params_.min_neighbours) {
    predicted.sum = spread(row) * listed.deviation;
    if (params_.centring == Centring::none) predicted.sum += centre(row, column) * listed.weight;
  }
  return predicted;
}

}  // namespace tusk::test
