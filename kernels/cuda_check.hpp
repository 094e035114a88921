// Errors of the CUDA runtime as exceptions.
#pragma once

#include <cuda_runtime_api.h>

namespace tusk {

// Throws DeviceError for any other result than success.
void check_cuda(cudaError_t result, const char* call, const char* file, int line);

}  // namespace tusk

#define TUSK_CUDA_TRY(call) ::tusk::check_cuda((call), #call, __FILE__, __LINE__)
