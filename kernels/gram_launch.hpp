// Starts the kernels of Gram matrices on a stream. Neither allocates nor waits. T is float or
// double.
#pragma once

#include <cuda_runtime_api.h>

#include "gram_arguments.hpp"

namespace tusk {

// By so many warps, each of which has a row of `sums`.
template <class T>
void launch_gram(const GramArguments<T>& arguments, int warps, cudaStream_t stream);

enum class SweepKernel { copy_panel, mirror_pivot, store_panel, finish_inverse };

template <class T>
void launch_sweep(SweepKernel kernel, const SweepArguments<T>& arguments, cudaStream_t stream);

}  // namespace tusk
