// How many ratings are trained on at the same time without order.
#pragma once

#include <algorithm>

#include <tusk/types.hpp>

namespace tusk {

// Warps that train at the same time, each on one rating. More do not make an H100 faster, whose
// cache is busy with so many, but every one trains on parameters that the others are changing. So
// there are few beside the users and the items, too: see bench/README.md.
constexpr int hogwild_warps(Index users, Index items, int multiprocessors) {
  constexpr int kWarpsPerMultiprocessor = 24;
  constexpr Index kRowsPerWarp = 8;
  return static_cast<int>(std::clamp<Index>(std::min(users, items) / kRowsPerWarp, 1,
                                            multiprocessors * kWarpsPerMultiprocessor));
}

}  // namespace tusk
