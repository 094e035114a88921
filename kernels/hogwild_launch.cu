#include "cuda_check.hpp"
#include "hogwild_kernel.cuh"
#include "hogwild_kernels.cuh"
#include "hogwild_launch.hpp"

namespace tusk {

void launch_hogwild(Precision precision, const HogwildArguments& arguments, int warps,
                    cudaStream_t stream) {
  const int factors_per_lane = arguments.rows.factors_per_lane;
  const HogwildFunction function = precision == Precision::fp16 ? hogwild_fp16(factors_per_lane)
                                                                : hogwild_fp32(factors_per_lane);
  function<<<static_cast<unsigned>(warps), kWarpLanes, 0, stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

}  // namespace tusk
