// Device code: arranges the rows that neighbours are found among. A block of threads is one warp,
// which goes through rows of its own.
//
// Memory an entry: 8 bytes read and an addition in each of two passes, 8 bytes written to a place
// of its own, and 4 bytes read for the squares. Limits: at most kMostEntries entries.
#pragma once

#include "neighbour_arguments.hpp"
#include "row_access.cuh"
#include "support/rounding.hpp"

namespace tusk {

// Calls visit(row, place) in a lane for each entry of the rows.
template <class Visit>
__device__ __forceinline__ void each_entry(const DeviceRows& rows, const Visit& visit) {
  for (std::int64_t row = blockIdx.x; row < rows.rows; row += gridDim.x) {
    const std::int64_t end = rows.offset[row + 1];
    for (std::int64_t at = rows.offset[row] + threadIdx.x; at < end; at += kWarpLanes) {
      visit(static_cast<Index>(row), at);
    }
  }
}

// The lengths of segments, each where the first entry of the next one shall stand.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    count_segments(const __grid_constant__ DeviceRows rows, const __grid_constant__ Segments s) {
  each_entry(rows, [&](Index row, std::int64_t at) {
    const std::int64_t segment = std::int64_t{s.ranges.range(row)} * rows.columns + rows.column[at];
    atomicAdd(&s.first[segment + 1], 1u);
  });
}

// first[segment + 1] is the first entry of the segment and becomes the one behind its last.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    place_entries(const __grid_constant__ DeviceRows rows, const __grid_constant__ Segments s) {
  each_entry(rows, [&](Index row, std::int64_t at) {
    const std::int64_t segment = std::int64_t{s.ranges.range(row)} * rows.columns + rows.column[at];
    const std::uint32_t place = atomicAdd(&s.first[segment + 1], 1u);
    s.entry[place] = {static_cast<std::uint32_t>(s.ranges.slot(row)), rows.value[at]};
  });
}

// In the order of a row's entries, as on the CPU.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    sum_squares(const __grid_constant__ DeviceRows rows, double* squares) {
  const int lane = static_cast<int>(threadIdx.x);
  for (std::int64_t row = blockIdx.x; row < rows.rows; row += gridDim.x) {
    const std::int64_t end = rows.offset[row + 1];
    double sum = 0;
    for (std::int64_t first = rows.offset[row]; first < end; first += kWarpLanes) {
      const float mine = first + lane < end ? rows.value[first + lane] : 0;
      for (int from = 0; from < kWarpLanes; ++from) {
        const double value = __shfl_sync(kAllLanes, mine, from);
        sum += rounded_product(value, value);
      }
    }
    if (lane == 0) squares[row] = sum;
  }
}

}  // namespace tusk
