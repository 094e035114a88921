// What the host arranges for top-K search on a GPU, and how much of its memory that takes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "backend/backend.hpp"
#include "cuda/cuda_device.hpp"

namespace tusk {

// Whether the search on a GPU can do with the magnitudes of this model: values of 2^60 and more
// are left to the CPU, as are models without factors.
bool suits_gpu_search(const MfState& state);

// Arranges a search. `candidates` must not be empty and the state must suit. Throws DeviceError,
// which says how many bytes are needed, if `free` of them are too few. `gpu` is its name. The
// spans and `state` are borrowed.
CudaDotWork plan_dot(const MfState& state, std::span<const Index> candidates, CsrView exclude,
                     std::uint64_t free, std::string_view gpu);

}  // namespace tusk
