// The number of warps among which work is divided; each does several parts in turn.
#pragma once

#include <algorithm>
#include <cstdint>

#include "cuda/row_layout.hpp"

namespace tusk {

// A warp each.
inline unsigned warps_of(std::int64_t count) {
  constexpr std::int64_t kMostWarps = 65536;
  return static_cast<unsigned>(std::clamp<std::int64_t>(count, 1, kMostWarps));
}

// A lane each.
inline unsigned warps_of_numbers(std::int64_t count) {
  return warps_of((count + kWarpLanes - 1) / kWarpLanes);
}

}  // namespace tusk
