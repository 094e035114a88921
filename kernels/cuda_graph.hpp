// Work that is captured once and then started as a whole.
#pragma once

#include <cuda_runtime_api.h>

#include "cuda_check.hpp"

namespace tusk {

class CudaGraph {
 public:
  CudaGraph() = default;
  ~CudaGraph() {
    if (executable_ != nullptr) cudaGraphExecDestroy(executable_);
  }
  CudaGraph(const CudaGraph&) = delete;
  CudaGraph& operator=(const CudaGraph&) = delete;

  bool is_there() const { return executable_ != nullptr; }

  // Keeps what queue() queues in the stream, with the arguments that it has now, and does none of
  // it.
  template <class Queue>
  void capture(cudaStream_t stream, const Queue& queue) {
    TUSK_CUDA_TRY(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    cudaGraph_t graph = nullptr;
    try {
      queue();
    } catch (...) {
      cudaStreamEndCapture(stream, &graph);
      if (graph != nullptr) cudaGraphDestroy(graph);
      throw;
    }
    TUSK_CUDA_TRY(cudaStreamEndCapture(stream, &graph));
    const cudaError_t result = cudaGraphInstantiate(&executable_, graph, 0);
    cudaGraphDestroy(graph);
    TUSK_CUDA_TRY(result);
  }

  void launch(cudaStream_t stream) const { TUSK_CUDA_TRY(cudaGraphLaunch(executable_, stream)); }

 private:
  cudaGraphExec_t executable_ = nullptr;
};

}  // namespace tusk
