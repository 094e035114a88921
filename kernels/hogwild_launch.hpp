// Starts lock-free training on a stream. Neither allocates nor waits.
#pragma once

#include <cuda_runtime_api.h>

#include <tusk/backend.hpp>

#include "hogwild_arguments.hpp"

namespace tusk {

void launch_hogwild(Precision precision, const HogwildArguments& arguments, int warps,
                    cudaStream_t stream);

}  // namespace tusk
