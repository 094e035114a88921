#include "cuda_check.hpp"
#include "hogwild_kernel.cuh"
#include "hogwild_kernels.cuh"
#include "hogwild_launch.hpp"

namespace tusk {

namespace {

HogwildFunctions functions(Precision precision, int factors_per_lane) {
  return precision == Precision::fp16 ? hogwild_fp16(factors_per_lane)
                                      : hogwild_fp32(factors_per_lane);
}

}  // namespace

void launch_hogwild(Precision precision, const HogwildArguments& arguments, int warps,
                    cudaStream_t stream) {
  const auto function = functions(precision, arguments.rows.factors_per_lane).one_model;
  function<<<static_cast<unsigned>(warps), kWarpLanes, 0, stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_side_by_side(Precision precision, int factors_per_lane, const HogwildArguments* models,
                         int count, cudaStream_t stream) {
  const auto function = functions(precision, factors_per_lane).side_by_side;
  function<<<static_cast<unsigned>(count), kWarpLanes, 0, stream>>>(models);
  TUSK_CUDA_TRY(cudaGetLastError());
}

}  // namespace tusk
