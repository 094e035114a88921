// The kernels that check_rounding.cmake looks into.
#include "nearest_kernel.cuh"
#include "segment_kernel.cuh"
#include "similar_kernel.cuh"

namespace tusk {

template __global__ void similarities<WholeCosine>(const __grid_constant__ SimilarityArguments);
template __global__ void similarities<CountedCosine>(const __grid_constant__ SimilarityArguments);
template __global__ void similarities<CoratedCosine>(const __grid_constant__ SimilarityArguments);
template __global__ void similarities<Pearson>(const __grid_constant__ SimilarityArguments);
template __global__ void similarities<BaselinePearson>(const __grid_constant__ SimilarityArguments);
template __global__ void similarities<MeanSquaredDifference>(
    const __grid_constant__ SimilarityArguments);

// Kernels that are called are compiled.
void call(const DeviceRows& rows, double* squares, const NearestArguments& nearest,
          NeighbourSums* sums) {
  sum_squares<<<1, 1>>>(rows, squares);
  add_up_lists<<<1, 1>>>(nearest, sums);
}

}  // namespace tusk
