// Starts lock-free training on a stream. Neither allocates nor waits.
#pragma once

#include <cuda_runtime_api.h>

#include "cuda/cuda_device.hpp"
#include "hogwild_arguments.hpp"

namespace tusk {

struct HogwildKernel {
  Precision precision = Precision::fp32;
  ItemUpdate item_update = ItemUpdate::store;  // fp16 is stored always
  int factors_per_lane = 0;
};

// How many warps a multiprocessor holds at a time.
int hogwild_warps_per_multiprocessor(const HogwildKernel& kernel);

void launch_hogwild(const HogwildKernel& kernel, const HogwildArguments& arguments, int warps,
                    cudaStream_t stream);

}  // namespace tusk
