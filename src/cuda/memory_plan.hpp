// How much of a GPU's memory training takes, and what is done if there is less.
#pragma once

#include <cstdint>
#include <string_view>

#include <tusk/backend.hpp>

#include "cuda/cuda_device.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

struct CudaMemoryPlan {
  MfMemory memory;
  std::uint64_t chunk_bytes = 0;  // of a part of the ratings that passes through the memory
};

// Ratings that do not fit beside the parameters pass through what is left in two buffers, of which
// one is filled while the other is trained on; deterministic training needs them all at once.
// `free` has the bytes that are free now. Throws DeviceError, which says how many are needed, if
// they are too few. `gpu` is its name.
CudaMemoryPlan plan_cuda_memory(const MfProblem& problem, const CudaOptions& options,
                                std::uint64_t free, std::string_view gpu, ThreadPool& threads);

}  // namespace tusk
