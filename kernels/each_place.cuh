// Device code: the places of a matrix, divided among lanes.
#pragma once

#include <cstdint>

#include "warp.cuh"

namespace tusk {

// Calls visit(row, column) in a lane for each place of a matrix [rows, columns].
template <class Visit>
__device__ __forceinline__ void each_place(std::int64_t rows, std::int64_t columns,
                                           const Visit& visit) {
  const std::int64_t stride = std::int64_t{gridDim.x} * kWarpLanes;
  for (std::int64_t at = std::int64_t{blockIdx.x} * kWarpLanes + threadIdx.x; at < rows * columns;
       at += stride) {
    visit(at / columns, at % columns);
  }
}

}  // namespace tusk
