// Neighbours by the definitions, of any matrix, for tests of sessions.
#pragma once

#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "model/transposed.hpp"
#include "tests/support/datasets.hpp"

namespace tusk::test {

inline constexpr SimilarityMetric kMetrics[] = {SimilarityMetric::cosine,
                                                SimilarityMetric::centered_cosine,
                                                SimilarityMetric::cosine_corated,
                                                SimilarityMetric::pearson,
                                                SimilarityMetric::msd,
                                                SimilarityMetric::pearson_baseline};

// Each metric plainly, and with shrinkage and support.
std::vector<SimilarityParams> every_similarity();

// For the name of a test.
std::string name_of(const SimilarityParams& params);

// The rows that neighbours are found among, and their values for each metric.
class NeighbourRows {
 public:
  // Borrows nothing.
  explicit NeighbourRows(const CsrView& rows);

  Index rows() const { return matrix().rows(); }
  Index columns() const { return columns_; }
  NeighbourProblem problem(const SimilarityParams& similarity) const;
  // By the definition, from dense rows.
  double similarity(const SimilarityParams& similarity, Index a, Index b) const;
  // The sums that weigh() returns, with neighbours by similarity().
  NeighbourSums weigh(const SimilarityParams& similarity, Index row, Index column, int k) const;

 private:
  CsrView matrix() const { return {offset_, column_, value_, columns_}; }
  double value(Index row, Index column) const;  // NaN where there is none

  std::vector<std::int64_t> offset_;
  std::vector<Index> column_;
  std::vector<float> value_;
  Index columns_;
  Transposed transposed_;
  std::vector<float> deviation_;
};

// Every row's neighbours, and a number of sums, must be the same bits; some rows are asked for
// twice, and not in order.
void expect_same_neighbours(const NeighbourRows& rows, const SimilarityParams& similarity,
                            Backend& a, Backend& b, int k);

}  // namespace tusk::test
