#include "cuda_check.hpp"
#include "hogwild_kernel.cuh"
#include "hogwild_kernels.cuh"
#include "hogwild_launch.hpp"

namespace tusk {
namespace {

HogwildFunction function_of(const HogwildKernel& kernel) {
  if (kernel.precision == Precision::fp16) return hogwild_fp16_store(kernel.factors_per_lane);
  if (kernel.item_update == ItemUpdate::add) return hogwild_fp32_add(kernel.factors_per_lane);
  return hogwild_fp32_store(kernel.factors_per_lane);
}

}  // namespace

int hogwild_warps_per_multiprocessor(const HogwildKernel& kernel) {
  int warps = 0;
  TUSK_CUDA_TRY(
      cudaOccupancyMaxActiveBlocksPerMultiprocessor(&warps, function_of(kernel), kWarpLanes, 0));
  return warps;
}

void launch_hogwild(const HogwildKernel& kernel, const HogwildArguments& arguments, int warps,
                    cudaStream_t stream) {
  const HogwildFunction function = function_of(kernel);
  function<<<static_cast<unsigned>(warps), kWarpLanes, 0, stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

}  // namespace tusk
