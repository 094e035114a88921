#include "tests/support/neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "backend/backend.hpp"
#include "support/philox.hpp"

namespace tusk::test {
namespace {

double ratio(double xy, double xx, double yy) {
  const double norms = std::sqrt(xx) * std::sqrt(yy);
  return norms > 1e-9 ? xy / norms : 0;
}

}  // namespace

std::vector<SimilarityParams> every_similarity() {
  std::vector<SimilarityParams> all;
  for (const SimilarityMetric metric : kMetrics) {
    all.push_back({metric, 0, metric == SimilarityMetric::pearson_baseline ? 2 : 1});
    all.push_back({metric, 2.5f, 3});
  }
  return all;
}

std::string name_of(const SimilarityParams& params) {
  std::string name(to_string(params.metric));
  std::replace(name.begin(), name.end(), '-', '_');
  return params.shrinkage > 0 ? name + "_shrunk" : name;
}

NeighbourRows::NeighbourRows(const CsrView& rows)
    : offset_(rows.offset.begin(), rows.offset.end()),
      column_(rows.column.begin(), rows.column.end()),
      value_(rows.value.begin(), rows.value.end()),
      columns_(rows.columns),
      transposed_(matrix()) {
  for (const float value : transposed_.value) deviation_.push_back(value - 2.75f);
}

NeighbourProblem NeighbourRows::problem(const SimilarityParams& similarity) const {
  return {matrix(), transposed_.view(), deviation_, similarity};
}

double NeighbourRows::value(Index row, Index column) const {
  const auto held = matrix().row(row);
  const auto at = std::lower_bound(held.begin(), held.end(), column);
  if (at == held.end() || *at != column) return std::numeric_limits<double>::quiet_NaN();
  return value_[static_cast<std::size_t>(offset_[static_cast<std::size_t>(row)] +
                                         (at - held.begin()))];
}

double NeighbourRows::similarity(const SimilarityParams& params, Index a, Index b) const {
  double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0, squares = 0, all_xx = 0, all_yy = 0;
  for (Index column = 0; column < columns_; ++column) {
    const double of_a = value(a, column);
    const double of_b = value(b, column);
    if (!std::isnan(of_a)) all_xx += of_a * of_a;
    if (!std::isnan(of_b)) all_yy += of_b * of_b;
    if (std::isnan(of_a) || std::isnan(of_b)) continue;
    ++n;
    x += of_a;
    y += of_b;
    xx += of_a * of_a;
    yy += of_b * of_b;
    xy += of_a * of_b;
    squares += (of_a - of_b) * (of_a - of_b);
  }
  double found = 0;
  double support = n;
  double least = params.min_support;
  switch (params.metric) {
    case SimilarityMetric::cosine:
    case SimilarityMetric::centered_cosine:
      found = ratio(xy, all_xx, all_yy);
      break;
    case SimilarityMetric::cosine_corated:
      found = ratio(xy, xx, yy);
      break;
    case SimilarityMetric::pearson:
      found = n > 0 ? ratio(xy - x * y / n, xx - x * x / n, yy - y * y / n) : 0;
      break;
    case SimilarityMetric::msd:
      found = n > 0 ? 1 / (1 + squares / n) : 0;
      break;
    case SimilarityMetric::pearson_baseline:
      found = ratio(xy, xx, yy);
      support = n - 1;
      least = params.min_support - 1;
      break;
  }
  return support > 0 && support >= least
             ? found * support / (support + static_cast<double>(params.shrinkage))
             : 0;
}

NeighbourSums NeighbourRows::weigh(const SimilarityParams& params, Index row, Index column,
                                   int k) const {
  const auto c = static_cast<std::size_t>(column);
  struct One {
    double similarity;
    double deviation;
  };
  std::vector<One> all;
  for (auto at = transposed_.offset[c]; at < transposed_.offset[c + 1]; ++at) {
    const Index other = transposed_.column[static_cast<std::size_t>(at)];
    const double found = other == row ? 0 : similarity(params, row, other);
    if (found > 1e-12) all.push_back({found, deviation_[static_cast<std::size_t>(at)]});
  }
  // Ties to the rounding of the definition are ties.
  std::stable_sort(all.begin(), all.end(), [](const One& a, const One& b) {
    return std::round(a.similarity * 1e10) > std::round(b.similarity * 1e10);
  });
  if (all.size() > static_cast<std::size_t>(k)) all.resize(static_cast<std::size_t>(k));
  NeighbourSums sums;
  for (const One& one : all) {
    sums.weight += one.similarity;
    sums.deviation += one.similarity * one.deviation;
    ++sums.count;
  }
  return sums;
}

void expect_same_neighbours(const NeighbourRows& rows, const SimilarityParams& similarity,
                            Backend& a, Backend& b, int k) {
  const NeighbourProblem problem = rows.problem(similarity);
  const auto of_a = a.open_similar(problem);
  const auto of_b = b.open_similar(problem);
  std::vector<Index> asked;
  for (Index row = rows.rows() - 1; row >= 0; --row) {
    asked.push_back(row);
    if (row % 7 == 0) asked.push_back(row / 2);
  }
  const TopK from_a = of_a->query(asked, k);
  const TopK from_b = of_b->query(asked, k);
  EXPECT_EQ(from_a.rows, from_b.rows);
  EXPECT_EQ(from_a.k, from_b.k);
  EXPECT_TRUE(from_a.index == from_b.index) << name_of(similarity) << ": other neighbours";
  EXPECT_TRUE(from_a.score == from_b.score) << name_of(similarity) << ": other similarities";
  if (rows.columns() == 0) return;
  RandomSequence random(1, 1);
  std::vector<Index> row;
  std::vector<Index> column;
  for (int q = 0; q < 100; ++q) {
    row.push_back(static_cast<Index>(random.below(static_cast<std::uint32_t>(rows.rows()))));
    column.push_back(static_cast<Index>(random.below(static_cast<std::uint32_t>(rows.columns()))));
  }
  const auto sums_a = of_a->weigh(row, column, k);
  const auto sums_b = of_b->weigh(row, column, k);
  for (std::size_t q = 0; q < row.size(); ++q) {
    ASSERT_EQ(sums_a[q].count, sums_b[q].count) << name_of(similarity);
    ASSERT_EQ(sums_a[q].weight, sums_b[q].weight) << name_of(similarity);
    ASSERT_EQ(sums_a[q].deviation, sums_b[q].deviation) << name_of(similarity);
  }
}

}  // namespace tusk::test
