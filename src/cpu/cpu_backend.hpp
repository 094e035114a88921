#pragma once

#include <memory>

#include <tusk/backend.hpp>

#include "cpu/kernels.hpp"

namespace tusk {

// `threads` as in BackendOptions. `kernels` must be one that this processor can run.
std::unique_ptr<Backend> make_cpu_backend(int threads, const CpuKernels& kernels = cpu_kernels());

}  // namespace tusk
