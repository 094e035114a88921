// How many ratings are trained on at the same time without order.
#pragma once

#include <algorithm>
#include <cstdint>

#include <tusk/types.hpp>

namespace tusk {

// Warps that train at the same time, each on one rating: as many as the GPU holds, but few beside
// the users and the items, so that they seldom meet. The number of rows for each warp is a guess
// that bench/gpu.sh is there to check.
constexpr std::int64_t hogwild_warps(Index users, Index items, std::int64_t most) {
  constexpr Index kRowsPerWarp = 16;
  const Index fewer = std::min(users, items);
  return std::clamp<std::int64_t>(fewer / kRowsPerWarp, 1, std::max<std::int64_t>(most, 1));
}

}  // namespace tusk
