// A GPU that is none: memory of the host, calls done at once, kernels run by emulated warps. What
// is above the CUDA runtime is the same as on a GPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "cuda/cuda_device.hpp"

namespace tusk::test {

struct EmulatedMemory {
  std::size_t limit = std::size_t{1} << 32;  // bytes; an allocation beyond it fails
  std::size_t used = 0;
  int handles = 0;  // streams, events and pinned memory that are not given back
};

EmulatedMemory& emulated_memory();

std::unique_ptr<CudaDevice> open_emulated_gpu();

}  // namespace tusk::test
