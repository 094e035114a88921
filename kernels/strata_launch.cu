#include <cuda_fp16.h>

#include "cuda_check.hpp"
#include "dispatch.cuh"
#include "strata_kernel.cuh"
#include "strata_launch.hpp"

namespace tusk {
namespace {

template <class Storage>
void launch(const StrataArguments& arguments, cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>(arguments.stripes);
  visit_factors_per_lane<Storage>(arguments.rows.factors_per_lane, [&](auto per_lane) {
    if constexpr (per_lane != 0) {
      constexpr int kSharedBytes = RatingRing<Storage, per_lane>::shared_bytes();
      strata_in_registers<Storage, per_lane>
          <<<blocks, kWarpLanes, kSharedBytes, stream>>>(arguments);
    } else {
      strata_in_memory<Storage><<<blocks, kWarpLanes, 0, stream>>>(arguments);
    }
  });
  TUSK_CUDA_TRY(cudaGetLastError());
}

}  // namespace

void launch_strata(Precision precision, const StrataArguments& arguments, cudaStream_t stream) {
  if (precision == Precision::fp16) {
    launch<__half>(arguments, stream);
  } else {
    launch<float>(arguments, stream);
  }
}

}  // namespace tusk
