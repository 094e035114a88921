#pragma once

#include <functional>
#include <memory>

#include "backend/backend.hpp"
#include "cpu/kernels.hpp"
#include "cuda/cuda_device.hpp"

namespace tusk {

// Matrix factorization, iALS, EASE, neural networks, Gibbs sampling, top-K by predicted rating and
// neighbours on the device; all else on `cpu`. `threads` and `should_stop` as in DeviceOptions, for
// what prepares the ratings.
std::unique_ptr<Backend> make_cuda_backend(std::unique_ptr<CudaDevice> device,
                                           std::unique_ptr<Backend> cpu, int threads,
                                           const CudaOptions& options,
                                           std::function<bool()> should_stop = {});

// Opens GPU number `device`. Throws DeviceError, which says why, if it cannot be used.
// `kernels` are for what is left to the CPU.
std::unique_ptr<Backend> open_cuda_backend(int device, int threads, const CudaOptions& options,
                                           const CpuKernels& kernels = cpu_kernels(),
                                           std::function<bool()> should_stop = {});

}  // namespace tusk
