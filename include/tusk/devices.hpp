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
  std::string module;         // the file with Tusk's CUDA code; empty if there is none
  int module_version = 0;     // of CUDA that it needs: 13000 is CUDA 13.0; 0 if it cannot be used
  int driver_version = 0;     // of CUDA that the driver knows; 0 if there is no driver
  std::vector<GpuInfo> gpus;  // what the driver shows
};

// Whether GPU number `device` can be used. Looks for the CUDA module and asks the NVIDIA driver, if
// there is one. Never throws for want of either.
CudaStatus probe_cuda(int device = 0);

// The inner loops of training and lists for one instruction set.
struct CpuKernelInfo {
  std::string name;
  bool usable = false;  // on this processor
  std::string needs;    // of the processor; empty if every one can run it
  std::string bits;     // as Backend::bits(); kernels that agree in it train the same models
};

struct CpuInfo {
  std::string name;
  int threads = 0;
  std::string kernels;                     // what BackendOptions::cpu_kernels "auto" takes
  std::vector<CpuKernelInfo> kernel_sets;  // of this build, slowest first
};

CpuInfo probe_cpu();

}  // namespace tusk
