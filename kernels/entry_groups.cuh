// Device code: a warp's way through the entries of a sparse row.
#pragma once

#include "device_rows.hpp"
#include "warp.cuh"

namespace tusk {

// Calls visit(column, value), in all lanes, for the entries begin .. end - 1 in turn, in groups of
// `Count`: visit(columns, values). The last group is filled up with values of 0.
template <int Count, class Visit>
__device__ __forceinline__ void each_group(const DeviceRows& rows, std::int64_t begin,
                                           std::int64_t end, int lane, const Visit& visit) {
  static_assert(kWarpLanes % Count == 0);
  for (std::int64_t first = begin; first < end; first += kWarpLanes) {
    const bool mine = first + lane < end;
    const Index my_column = rows.column[mine ? first + lane : begin];
    const float my_value = mine ? rows.value[first + lane] : 0;
    const int here = end - first < kWarpLanes ? static_cast<int>(end - first) : kWarpLanes;
    for (int from = 0; from < here; from += Count) {
      Index column[Count];
      float value[Count];
#pragma unroll
      for (int n = 0; n < Count; ++n) {
        column[n] = __shfl_sync(kAllLanes, my_column, from + n);
        value[n] = __shfl_sync(kAllLanes, my_value, from + n);
      }
      visit(column, value);
    }
  }
}

}  // namespace tusk
