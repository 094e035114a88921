// Starts training run by run on a stream. Neither allocates nor waits.
#pragma once

#include <cuda_runtime_api.h>

#include "backend/backend.hpp"
#include "hogwild_arguments.hpp"

namespace tusk {

void launch_hogwild(Precision precision, const HogwildArguments& arguments, int warps,
                    cudaStream_t stream);

// Models of so many factors a lane, whose arguments are in the GPU's memory, side by side. Each has
// a place for its errors.
void launch_side_by_side(Precision precision, int factors_per_lane, const HogwildArguments* models,
                         int count, cudaStream_t stream);

}  // namespace tusk
