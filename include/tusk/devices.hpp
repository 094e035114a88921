// What this machine and this build can compute on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tusk {

struct GpuInfo {
  std::string name;
  std::string compute_capability;  // "9.0"
  std::uint64_t memory_bytes = 0;
};

struct CudaStatus {
  bool usable = false;
  std::string reason;         // why not; empty if usable
  int driver_version = 0;     // 13000 is CUDA 13.0; 0 if there is no driver
  std::vector<GpuInfo> gpus;  // what the driver shows
};

// Asks the NVIDIA driver, if there is one. Never throws for want of it.
CudaStatus probe_cuda();

struct CpuInfo {
  std::string name;
  int threads = 0;
  std::string kernels;  // the instruction set that the CPU kernels use: "avx512", ...
};

CpuInfo probe_cpu();

}  // namespace tusk
