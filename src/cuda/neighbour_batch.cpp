#include <algorithm>

#include "cuda/neighbour_plan.hpp"

namespace tusk {

std::int64_t list_capacity(int k, Index rows) {
  return std::min<std::int64_t>(std::int64_t{k} + k / 8 + 32, rows);
}

std::uint64_t list_bytes(int k, Index rows) {
  const auto capacity = static_cast<std::uint64_t>(list_capacity(k, rows));
  // Candidates before and after they are sorted, where each list lies, what is asked, the result.
  return 2 * capacity * (sizeof(double) + sizeof(Index)) + 2 * sizeof(std::int64_t) +
         3 * sizeof(Index) +
         std::max(
             static_cast<std::uint64_t>(std::min<Index>(k, rows)) * (sizeof(Index) + sizeof(float)),
             std::uint64_t{sizeof(NeighbourSums)});
}

NeighbourBatch plan_batch(const NeighbourPlan& plan, int k, Index rows, bool own_lists) {
  const std::uint64_t row = static_cast<std::uint64_t>(rows) * sizeof(double);
  const std::uint64_t list = list_bytes(k, rows);
  if (own_lists) {
    const auto both = static_cast<std::int64_t>(plan.batch_bytes / (row + list));
    return {both, both};
  }
  return {static_cast<std::int64_t>(plan.batch_bytes / 2 / row),
          static_cast<std::int64_t>(plan.batch_bytes / 2 / list)};
}

}  // namespace tusk
