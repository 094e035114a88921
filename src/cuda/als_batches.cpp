#include "cuda/als_plan.hpp"
#include "cuda/row_layout.hpp"

namespace tusk {

int als_stride(int factors) { return row_layout(factors, Precision::fp32).padded(); }

AlsPieces divide_rows(const CsrView& weights, std::int64_t most_entries) {
  AlsPieces pieces;
  for (Index row = 0; row < weights.rows(); ++row) {
    pieces.first.push_back(std::ssize(pieces.row));
    const std::int64_t end = weights.offset[static_cast<std::size_t>(row) + 1];
    for (std::int64_t at = weights.offset[static_cast<std::size_t>(row)]; at < end;
         at += most_entries) {
      pieces.begin.push_back(at);
      pieces.row.push_back(row);
    }
  }
  pieces.first.push_back(std::ssize(pieces.row));
  pieces.begin.push_back(weights.size());
  return pieces;
}

std::vector<Index> als_batches(const AlsPieces& pieces, const AlsBatchLimits& limits) {
  const auto rows = static_cast<Index>(pieces.first.size()) - 1;
  const auto first_piece = [&](Index row) { return pieces.first[static_cast<std::size_t>(row)]; };
  std::vector<Index> begin = {0};
  for (Index row = 1; row < rows; ++row) {
    if (row - begin.back() >= limits.rows ||
        first_piece(row + 1) - first_piece(begin.back()) > limits.pieces) {
      begin.push_back(row);
    }
  }
  begin.push_back(rows);
  return begin;
}

}  // namespace tusk
