#include "cuda/neighbour_plan.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "cuda/available_memory.hpp"
#include "cuda/row_entry.hpp"
#include "model/measure.hpp"
#include "model/similarity.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// More rows at a time than this gives room for keep no more multiprocessors busy.
constexpr std::uint64_t kMostNeighbourBatchBytes = std::uint64_t{2} << 30;

// The more warps, the more of them wait at the same time; the fewer, the more rows a warp looks at
// in one go.
constexpr std::size_t kWarpsOfMultiprocessor = 16;

// In the order of Measure.
constexpr std::array<std::size_t, kMeasures> kSumBytes = {
    sizeof(WholeCosine<1>), sizeof(CountedCosine<1>),   sizeof(CoratedCosine<1>),
    sizeof(Pearson<1>),     sizeof(BaselinePearson<1>), sizeof(MeanSquaredDifference<1>)};

RowRanges divide(Index rows, Measure measure, const SharedMemory& shared) {
  const auto lanes = static_cast<std::size_t>(kWarpLanes);
  const std::size_t bytes =
      shared.per_multiprocessor / kWarpsOfMultiprocessor - shared.reserved_per_block;
  const std::size_t most_blocks = std::max<std::size_t>(
      1, bytes / (kSumBytes[static_cast<std::size_t>(measure)] * lanes));  // of 32 slots
  const std::size_t blocks =
      std::max<std::size_t>(1, (static_cast<std::size_t>(rows) + lanes - 1) / lanes);
  const std::size_t ranges = (blocks + most_blocks - 1) / most_blocks;
  return {static_cast<Index>(ranges), static_cast<Index>((blocks + ranges - 1) / ranges * lanes)};
}

}  // namespace

NeighbourPlan plan_neighbours(const NeighbourProblem& problem, const SharedMemory& shared,
                              std::uint64_t free, std::string_view gpu) {
  const Index rows = problem.rows.rows();
  const auto entries = static_cast<std::uint64_t>(problem.rows.size());
  if (entries > kMostEntries) {
    throw DeviceError(fmt::format("a GPU finds neighbours among at most {} ratings; use {} cpu",
                                  kMostEntries, option_name("device")));
  }
  NeighbourPlan plan;
  plan.ranges = divide(rows, measure_of(problem.similarity), shared);
  const auto columns = static_cast<std::uint64_t>(problem.rows.columns);
  const auto offsets = [](std::uint64_t lists) { return (lists + 1) * sizeof(std::int64_t); };
  plan.resident_bytes =
      offsets(static_cast<std::uint64_t>(rows)) + entries * (sizeof(Index) + sizeof(float)) +
      static_cast<std::uint64_t>(rows) * sizeof(double) + entries * sizeof(RowEntry) +
      (static_cast<std::uint64_t>(plan.ranges.ranges) * columns + 1) * sizeof(std::uint32_t);
  if (!problem.deviation.empty()) {
    plan.resident_bytes += offsets(columns) + entries * (sizeof(Index) + sizeof(float));
  }
  const std::uint64_t least =
      2 * std::max(static_cast<std::uint64_t>(rows) * sizeof(double), list_bytes(rows, rows));
  const std::uint64_t available = available_memory(free);
  if (plan.resident_bytes + least > available) {
    throw DeviceError(fmt::format(
        "finding neighbours needs {} of GPU memory and {} has {} left; use {} cpu",
        size_text(plan.resident_bytes + least), gpu, size_text(available), option_name("device")));
  }
  plan.batch_bytes =
      std::max(least, std::min(available - plan.resident_bytes, kMostNeighbourBatchBytes));
  return plan;
}

}  // namespace tusk
