// Messages from GPU to GPU by NVIDIA's NCCL, between processes that have one each.
#pragma once

#include <cstddef>
#include <span>

#include <cuda_runtime_api.h>

#include <tusk/communicator.hpp>

#include "nccl_functions.hpp"

namespace tusk {

class GpuMessages {
 public:
  // With the GPU that the calling thread has chosen. Called by all processes; throws DeviceError.
  explicit GpuMessages(Communicator& processes);
  // What was queued must be done.
  ~GpuMessages();
  GpuMessages(const GpuMessages&) = delete;
  GpuMessages& operator=(const GpuMessages&) = delete;

  // Ends what is queued, which the other processes may never answer. Nothing can be sent any more.
  void abort();

  struct Block {
    void* data = nullptr;  // of this GPU's memory
    std::size_t bytes = 0;
  };

  // Queues in `stream`: sends the blocks to one process and receives others from one, at the same
  // time. Those two call this with as many blocks, of the same sizes.
  void pass_on(std::span<const Block> sent, int to, std::span<const Block> received, int from,
               cudaStream_t stream) const;

 private:
  NcclGroup group_ = nullptr;
};

}  // namespace tusk
