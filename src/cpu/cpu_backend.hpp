#pragma once

#include <functional>
#include <memory>

#include "backend/backend.hpp"
#include "cpu/kernels.hpp"

namespace tusk {

// `threads` and `should_stop` as in DeviceOptions. `kernels` must be one that this processor can
// run.
std::unique_ptr<Backend> make_cpu_backend(int threads, const CpuKernels& kernels = cpu_kernels(),
                                          std::function<bool()> should_stop = {});

}  // namespace tusk
