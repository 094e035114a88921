#include <algorithm>

#include <cuda_fp16.h>

#include "cuda_check.hpp"
#include "model_kernel.cuh"
#include "model_launch.hpp"

namespace tusk {

namespace {

// A lane each, or what is left in turns.
unsigned warps_for(std::int64_t lanes) {
  constexpr std::int64_t kMostWarps = 65536;
  return static_cast<unsigned>(
      std::min<std::int64_t>((lanes + kWarpLanes - 1) / kWarpLanes, kMostWarps));
}

}  // namespace

void launch_initial_factors(Precision precision, const InitialFactors& initial,
                            cudaStream_t stream) {
  const std::int64_t pairs = static_cast<std::int64_t>((initial.factors + 1) / 2) * initial.count;
  if (pairs == 0) return;
  const unsigned warps = warps_for(pairs);
  if (precision == Precision::fp16) {
    fill_initial_factors<__half><<<warps, kWarpLanes, 0, stream>>>(initial);
  } else {
    fill_initial_factors<float><<<warps, kWarpLanes, 0, stream>>>(initial);
  }
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_unpacking(Precision precision, const RowsToUnpack& rows, cudaStream_t stream) {
  if (rows.count == 0) return;
  const unsigned warps = warps_for(static_cast<std::int64_t>(rows.factors + 1) * rows.count);
  if (precision == Precision::fp16) {
    unpack_rows<__half><<<warps, kWarpLanes, 0, stream>>>(rows);
  } else {
    unpack_rows<float><<<warps, kWarpLanes, 0, stream>>>(rows);
  }
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_validation(Precision precision, const ValidationArguments& arguments,
                       cudaStream_t stream) {
  if (precision == Precision::fp16) {
    sum_validation_errors<__half><<<kValidationWarps, kWarpLanes, 0, stream>>>(arguments);
  } else {
    sum_validation_errors<float><<<kValidationWarps, kWarpLanes, 0, stream>>>(arguments);
  }
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_error_total(const ErrorSums* sums, int count, ErrorSums* total, cudaStream_t stream) {
  add_up_errors<<<1, kWarpLanes, 0, stream>>>(sums, count, total);
  TUSK_CUDA_TRY(cudaGetLastError());
}

cudaError_t find_kernels() {
  cudaFuncAttributes attributes{};
  return cudaFuncGetAttributes(&attributes, add_up_errors);
}

}  // namespace tusk
