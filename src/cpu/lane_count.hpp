#pragma once

namespace tusk {

inline constexpr int kLanes = 16;  // floats that the kernels handle as one vector

}  // namespace tusk
