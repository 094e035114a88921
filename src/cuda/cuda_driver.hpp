// What the NVIDIA driver says. It is asked through its own library, so that this needs neither the
// CUDA toolkit nor the CUDA module.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tusk/device.hpp>

#include "cuda/cuda_module.hpp"

namespace tusk {

struct CudaDriver {
  bool found = false;
  int version = 0;      // of CUDA that it knows
  std::string problem;  // why it cannot be used though it was found
  std::vector<GpuInfo> gpus;
};

CudaDriver probe_cuda_driver();

// Why GPU number `device` cannot be used, as far as that can be told without using it; empty if
// nothing speaks against it.
std::string cuda_refusal(const LoadedCudaModule& loaded, const CudaDriver& driver, int device);

// 13000 as "13.0".
std::string cuda_version_text(int version);

}  // namespace tusk
