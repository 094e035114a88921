#include <algorithm>

#include "cuda/als_plan.hpp"
#include "cuda/row_layout.hpp"

namespace tusk {

int als_stride(int factors) { return row_layout(factors, Precision::fp32).padded(); }

std::uint64_t als_row_bytes(const AlsParams& params) {
  return static_cast<std::uint64_t>(als_stride(params.factors)) * sizeof(float);
}

std::uint64_t als_solving_bytes(const AlsParams& params, std::uint64_t pieces) {
  const std::uint64_t row = als_row_bytes(params);
  const auto rows = static_cast<std::uint64_t>(als_stride(params.factors));
  constexpr std::uint64_t kScalars = 64;
  if (params.method == AlsMethod::cholesky) return (rows + 2) * row + kScalars;
  return 3 * row + pieces * (row + sizeof(double)) + kScalars;
}

AlsPieces divide_rows(const CsrView& weights) {
  AlsPieces pieces;
  for (Index row = 0; row < weights.rows(); ++row) {
    pieces.first.push_back(std::ssize(pieces.row));
    const std::int64_t end = weights.offset[static_cast<std::size_t>(row) + 1];
    for (std::int64_t at = weights.offset[static_cast<std::size_t>(row)]; at < end;
         at += kAlsPieceEntries) {
      pieces.begin.push_back(at);
      pieces.row.push_back(row);
    }
  }
  pieces.first.push_back(std::ssize(pieces.row));
  pieces.begin.push_back(weights.size());
  return pieces;
}

std::vector<Index> als_batches(const AlsParams& params, const AlsPieces& pieces,
                               std::uint64_t batch_bytes) {
  std::vector<Index> begin;
  std::uint64_t bytes = 0;
  const auto rows = static_cast<Index>(pieces.first.size()) - 1;
  for (Index row = 0; row < rows; ++row) {
    const auto at = static_cast<std::size_t>(row);
    const std::uint64_t own = als_solving_bytes(
        params, static_cast<std::uint64_t>(pieces.first[at + 1] - pieces.first[at]));
    if (begin.empty() || bytes + own > batch_bytes) {
      begin.push_back(row);
      bytes = 0;
    }
    bytes += own;
  }
  begin.push_back(rows);
  return begin;
}

}  // namespace tusk
