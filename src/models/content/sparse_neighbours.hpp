// Which rows of a sparse matrix are nearest to its rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "backend/backend.hpp"

namespace tusk {

// For rows of length 1 or 0, whose cosines are their products. Memory is O(entries).
//
// Sixteen queries are compared with the others at a time, and the list of rows that have a column
// is walked once for all queries that have it, so queries are grouped by the columns that most rows
// have. A product is added up in the order of columns, whatever is asked for together.
class SparseNeighbours : public TopKSession {
 public:
  // Of equally similar rows those come first that `order`, which has each row once, has first. The
  // backend and the matrix are borrowed.
  SparseNeighbours(Backend& backend, const CsrView& matrix, std::vector<Index> order);

  // For each row the k with the highest product, only those with one above 0, and not itself.
  TopK query(std::span<const Index> rows, int k) override;

 private:
  struct Shared;
  struct Group;

  void answer(Group& group, TopK& top) const;
  void find_shared(Group& group) const;
  void add_products(Group& group, std::size_t begin, std::size_t end) const;
  void offer(Group& group, std::size_t begin, std::size_t end) const;

  Backend& backend_;
  CsrView matrix_;
  std::vector<Index> order_;
  std::vector<std::int64_t> offset_;  // [columns + 1] into these two:
  std::vector<Index> place_;          // places in order_ of the rows that have a column, ascending
  std::vector<float> value_;
  std::vector<Index> group_;  // by row: where it is among rows that have like columns
};

}  // namespace tusk
