// RankBy::sum of all items for a user together: the product of a sparse row with a sparse matrix.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include <tusk/predictor.hpp>

#include "backend/backend.hpp"
#include "models/knn/knn_ratings.hpp"
#include "models/knn/knn_state.hpp"

namespace tusk {

// With a table of neighbours, score(user, item) is, where rows are
//   items: the sum over the items j that the user rated of s(item, j) value(user, j), so that row j
//          of the matrix holds the items that have j among their neighbours, with s(item, j);
//   users: the sum over the user's neighbours v of s(user, v) value(v, item), so that row v holds
//          what v rated.
// Sums are in double precision, in the order of a user's terms, whatever the number of threads.
class SumRows {
 public:
  // Backend, state and ratings are borrowed. `find_table` finds the neighbours of items where the
  // state has no table.
  SumRows(Backend& backend, const KnnModelState& state, const KnnRatings& ratings,
          std::function<NeighbourTable()> find_table);

  // What is summed for a user: rows of the matrix and their weights.
  struct Terms {
    std::vector<Index> row;
    std::vector<double> weight;
  };
  // Calls visit(u, scores) for u = 0 .. users - 1, whose terms are terms_of(u); both are called by
  // several threads.
  void each(std::size_t users, const std::function<Terms(std::size_t)>& terms_of,
            const ScoreRowVisitor& visit) const;

  // Of a matrix with so many rows and at most so many entries.
  static std::uint64_t bytes(std::uint64_t rows, std::uint64_t entries) {
    return (rows + 1) * sizeof(std::int64_t) + entries * (sizeof(Index) + sizeof(float));
  }

 private:
  void make_matrix() const;

  Backend& backend_;
  const KnnModelState& state_;
  const KnnRatings& ratings_;
  std::function<NeighbourTable()> find_table_;
  mutable std::once_flag once_;
  mutable SparseMatrixOf matrix_;  // rows x items, made when it is needed first
};

}  // namespace tusk
