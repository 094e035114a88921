// How much of a GPU's memory training takes, and what is done if there is less.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "backend/backend.hpp"
#include "cuda/cuda_device.hpp"
#include "cuda/validation_warps.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

// How a session trains.
struct CudaTraining {
  CudaOptions options;
  bool side_by_side = false;  // see CudaMfWork
  int warps = 1;              // of Hogwild training, if that is how
};

// Bytes by which each model that is trained side by side with others is described to the kernel.
inline constexpr std::size_t kSideBySideBytes = 200;

// Places for sums of errors of a model, which training uses `trained` of.
constexpr std::size_t error_places(std::size_t trained) {
  return std::max<std::size_t>(trained, kValidationWarps);
}

// Floats of a model's parameters that are on their way to the host at a time: at most 16 MiB.
constexpr std::size_t unpacked_floats(Index users, Index items, int factors) {
  return std::min(
      static_cast<std::size_t>(std::max(users, items)) * static_cast<std::size_t>(factors + 1),
      std::size_t{4} << 20);
}

struct CudaMemoryPlan {
  MfMemory memory;
  std::uint64_t chunk_bytes = 0;  // of a part of the ratings that passes through the memory
};

// Ratings that do not fit beside the parameters pass through what is left in two buffers, of which
// one is filled while the other is trained on; deterministic training needs them all at once.
// `free` has the bytes that are free now. Throws DeviceError, which says how many are needed, if
// they are too few. `gpu` is its name.
CudaMemoryPlan plan_cuda_memory(const MfProblem& problem, const CudaTraining& training,
                                std::uint64_t free, std::string_view gpu, ThreadPool& threads);

}  // namespace tusk
