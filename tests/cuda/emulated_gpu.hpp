// A GPU that is none: memory of the host, calls done at once, kernels run by emulated warps. What
// is above the CUDA runtime is the same as on a GPU. It keeps account of what might still be
// running if calls were not done at once. Each thread has a GPU of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>

#include <cuda_runtime_api.h>

#include "cuda/cuda_device.hpp"

namespace tusk::test {

struct EmulatedMemory {
  std::size_t limit = std::size_t{1} << 32;  // bytes; an allocation beyond it fails
  std::size_t used = 0;
  std::size_t peak = 0;  // the most that was used at a time
  int handles = 0;       // streams, events and pinned memory that are not given back
};

EmulatedMemory& emulated_memory();

// Launches, and calls of the runtime that are given a stream.
struct EmulatedCalls {
  int before_failure = -1;  // so many succeed, and then one fails; none fails if it is negative
  std::set<void*> running;  // streams with work that nothing has waited for
  // How often memory was given back that such a stream, another than its own, may be using.
  int freed_in_use = 0;
  // How often messages were queued beside work, in another stream, that they do not wait for.
  int sent_in_use = 0;
};

EmulatedCalls& emulated_calls();

// For what is queued in a stream: whether it fails, and notes that the stream has work.
cudaError_t start_on(cudaStream_t stream);

// Does work at once, or keeps it for a graph while the stream is captured.
cudaError_t queue(cudaStream_t stream, const std::function<void()>& work);

// Keeps work until something waits for what the stream has come to then.
void queue_late(cudaStream_t stream, std::function<void()> work);
// Forgets such work.
void drop_late(cudaStream_t stream);

// Runs a kernel in so many blocks of one warp each.
void run_warps(cudaStream_t stream, int warps, const std::function<void()>& kernel);

std::unique_ptr<CudaDevice> open_emulated_gpu();

}  // namespace tusk::test
