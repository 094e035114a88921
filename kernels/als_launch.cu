#include "als_kernel.cuh"
#include "als_launch.hpp"
#include "cuda_check.hpp"
#include "dispatch.cuh"
#include "launch_size.hpp"

namespace tusk {
namespace {

template <AlsPass kPass>
void launch_pass(const AlsArguments& arguments, cudaStream_t stream) {
  const unsigned warps = warps_of(arguments.pieces);
  visit_factors_per_lane<float>(arguments.factors_per_lane, [&](auto per_lane) {
    if constexpr (per_lane == 0) {
      visit_long_pieces<kPass><<<warps, kWarpLanes, 0, stream>>>(arguments);
    } else {
      visit_pieces<kPass, per_lane><<<warps, kWarpLanes, 0, stream>>>(arguments);
    }
  });
  TUSK_CUDA_TRY(cudaGetLastError());
}

}  // namespace

void launch_residuals(const AlsArguments& arguments, cudaStream_t stream) {
  launch_pass<AlsPass::residual>(arguments, stream);
}

void launch_products(const AlsArguments& arguments, cudaStream_t stream) {
  launch_pass<AlsPass::product>(arguments, stream);
}

void launch_start(const AlsArguments& arguments, cudaStream_t stream) {
  start_rows<<<warps_of(arguments.rows), kWarpLanes, 0, stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_step(const AlsArguments& arguments, cudaStream_t stream) {
  step_rows<<<warps_of(arguments.rows), kWarpLanes, 0, stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_systems(const AlsArguments& arguments, cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>(arguments.rows * system_tiles(arguments.stride));
  sum_systems<<<blocks, kWarpLanes, kGramTileSharedBytes, stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_solutions(const AlsArguments& arguments, cudaStream_t stream) {
  store_solutions<<<warps_of(arguments.rows), kWarpLanes, 0, stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_norms(const AlsArguments& arguments, cudaStream_t stream) {
  measure_norms<<<warps_of(arguments.rows), kWarpLanes, 0, stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

}  // namespace tusk
