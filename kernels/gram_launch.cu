#include "cuda_check.hpp"
#include "gram_kernel.cuh"
#include "gram_launch.hpp"

namespace tusk {

template <class T>
void launch_gram(const GramArguments<T>& arguments, int warps, cudaStream_t stream) {
  sum_gram_rows<T><<<static_cast<unsigned>(warps), kWarpLanes, 0, stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

template <class T>
void launch_sweep(SweepKernel kernel, const SweepArguments<T>& arguments, cudaStream_t stream) {
  constexpr unsigned kWarps = 65536;
  switch (kernel) {
    case SweepKernel::copy_panel:
      copy_panel<T><<<kWarps, kWarpLanes, 0, stream>>>(arguments);
      break;
    case SweepKernel::mirror_pivot:
      mirror_pivot<T><<<kWarps, kWarpLanes, 0, stream>>>(arguments);
      break;
    case SweepKernel::store_panel:
      store_panel<T><<<kWarps, kWarpLanes, 0, stream>>>(arguments);
      break;
    case SweepKernel::finish_inverse:
      finish_inverse<T><<<kWarps, kWarpLanes, 0, stream>>>(arguments);
      break;
  }
  TUSK_CUDA_TRY(cudaGetLastError());
}

template void launch_gram(const GramArguments<float>&, int, cudaStream_t);
template void launch_gram(const GramArguments<double>&, int, cudaStream_t);
template void launch_sweep(SweepKernel, const SweepArguments<float>&, cudaStream_t);
template void launch_sweep(SweepKernel, const SweepArguments<double>&, cudaStream_t);

}  // namespace tusk
