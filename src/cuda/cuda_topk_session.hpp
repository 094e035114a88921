// Top-K by predicted rating on a GPU.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>

#include "backend/backend.hpp"
#include "cuda/cuda_device.hpp"

namespace tusk {

// Lists longer than kLongestGpuList, those of users who are not in the state, and those of users
// for whom the GPU finds too many items that score alike, are left to a session on the CPU, which
// is opened when it is needed first.
class CudaTopKSession : public DotTopKSession {
 public:
  using OpenOnCpu = std::function<std::unique_ptr<DotTopKSession>()>;

  CudaTopKSession(std::unique_ptr<DotSession> gpu, std::size_t candidates, OpenOnCpu open_on_cpu);

  TopK query(std::span<const Index> rows, int k) override;
  // On the CPU.
  TopK query_new(const UserVectors& users, CsrView exclude, int k) override;

 private:
  DotTopKSession& cpu();

  std::mutex gpu_mutex_;  // one thread at a time uses the GPU
  std::unique_ptr<DotSession> gpu_;
  std::size_t candidates_;
  OpenOnCpu open_on_cpu_;
  std::once_flag cpu_once_;
  std::unique_ptr<DotTopKSession> cpu_;
};

}  // namespace tusk
