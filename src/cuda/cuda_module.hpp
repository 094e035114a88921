// The CUDA module: a shared library with everything that needs the CUDA toolkit. It is loaded when
// a GPU is asked for, so that one build of Tusk runs with and without it, and with and without a
// driver.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cuda/cuda_device.hpp"

namespace tusk {

inline constexpr const char* kCudaModuleFile = "libtusk_cuda.so";

// The module has two symbols of C linkage:
//   const char* const tusk_cuda_interface   equal to kModuleInterface of the build that it belongs
//   to const CudaModule* tusk_cuda_module()    not to be called where they differ
inline constexpr const char* kCudaInterfaceSymbol = "tusk_cuda_interface";
inline constexpr const char* kCudaModuleSymbol = "tusk_cuda_module";

struct CudaModule {
  int cuda_version = 0;  // that its driver must know: 13000 is CUDA 13.0
  // Why GPU number `device` cannot be used; empty if it can. The driver must show that GPU.
  std::string (*refusal)(int device) = nullptr;
  // Why a GPU does nothing that takes cuBLAS and cuSOLVER: they cannot be loaded. Empty if they
  // can.
  std::string (*dense_problem)() = nullptr;
  // Throws DeviceError.
  std::unique_ptr<CudaDevice> (*open)(int device) = nullptr;
};

using CudaModuleFunction = const CudaModule* (*)();

struct LoadedCudaModule {
  std::string file;                    // empty if none was found
  const CudaModule* module = nullptr;  // null if it cannot be used
  std::string problem;                 // why not; empty if it can
};

// Loads the first of these files that exists, and never unloads it. Relative names are skipped: the
// current folder and LD_LIBRARY_PATH, which others may control, never supply the module.
LoadedCudaModule load_cuda_module(std::span<const std::string> places);

// The module of this build, looked for beside the file that Tusk's code is in (the program or
// libtusk.so), then in the library folder of the install tree of that file.
const LoadedCudaModule& cuda_module();

}  // namespace tusk
