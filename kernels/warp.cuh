// Device code: all lanes of a warp.
#pragma once

#include "cuda/row_layout.hpp"

namespace tusk {

inline constexpr unsigned kAllLanes = 0xffffffffu;

}  // namespace tusk
