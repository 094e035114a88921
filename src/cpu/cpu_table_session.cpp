#include "cpu/cpu_table_session.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "backend/grouped_queries.hpp"
#include "backend/padded_lists.hpp"

namespace tusk {
namespace {

constexpr float kNotHeld = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TopK CpuTableSession::query(std::span<const Index> rows, int k) {
  const auto width = static_cast<std::size_t>(k);
  const auto stored = static_cast<std::size_t>(table_.k);
  TopK result = padded_lists(rows.size(), k);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::size_t from = static_cast<std::size_t>(rows[r]) * stored;
    for (std::size_t n = 0; n < std::min(width, stored); ++n) {
      if (table_.neighbour[from + n] == kNone) break;
      result.index[r * width + n] = table_.neighbour[from + n];
      result.score[r * width + n] = table_.similarity[from + n];
    }
  }
  return result;
}

std::vector<NeighbourSums> CpuTableSession::weigh(std::span<const Index> row,
                                                  std::span<const Index> column, int k) {
  std::vector<NeighbourSums> result(row.size());
  const GroupedQueries groups =
      group_queries(column, [this](Index c) { return std::ssize(columns_.row(c)); });
  threads_->parallel_for(groups.size(), [&](std::int64_t g, int thread) {
    std::vector<float>& dense = scratch_[static_cast<std::size_t>(thread)];
    dense.resize(static_cast<std::size_t>(table_.rows), kNotHeld);
    const auto queries = groups.group(g);
    const Index c = column[queries.front()];
    const auto held = columns_.row(c);
    const auto first = static_cast<std::size_t>(columns_.offset[static_cast<std::size_t>(c)]);
    for (std::size_t at = 0; at < held.size(); ++at) {
      dense[static_cast<std::size_t>(held[at])] = deviation_[first + at];
    }
    for (const std::size_t q : queries) result[q] = sums_of(row[q], k, dense);
    for (const Index other : held) dense[static_cast<std::size_t>(other)] = kNotHeld;
  });
  return result;
}

NeighbourSums CpuTableSession::sums_of(Index row, int k, std::span<const float> deviation) const {
  NeighbourSums sums;
  const auto stored = static_cast<std::size_t>(table_.k);
  const std::size_t from = static_cast<std::size_t>(row) * stored;
  for (std::size_t n = from; n < from + stored && sums.count < k; ++n) {
    const Index other = table_.neighbour[n];
    if (other == kNone) break;
    const float found = deviation[static_cast<std::size_t>(other)];
    if (std::isnan(found)) continue;
    const double similarity = table_.similarity[n];
    sums.weight += similarity;
    sums.deviation += similarity * found;
    ++sums.count;
  }
  return sums;
}

}  // namespace tusk
