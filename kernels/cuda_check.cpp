#include "cuda_check.hpp"

#include <cstring>

#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk {

void check_cuda(cudaError_t result, const char* call, const char* file, int line) {
  if (result == cudaSuccess) return;
  cudaGetLastError();  // an error that is reported here shall not be found again by a later call
  if (result == cudaErrorMemoryAllocation) {
    throw DeviceError(fmt::format(
        "the GPU has run out of memory, which other programs may take, too; take {} cpu",
        option_name("device")));
  }
  const char* const base = std::strrchr(file, '/');
  throw DeviceError(fmt::format("the GPU failed: {} ({}), from {} at {}:{}",
                                cudaGetErrorString(result), cudaGetErrorName(result), call,
                                base == nullptr ? file : base + 1, line));
}

}  // namespace tusk
