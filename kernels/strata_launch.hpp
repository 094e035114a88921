// Starts a round of deterministic training on a stream. Neither allocates nor waits.
#pragma once

#include <cuda_runtime_api.h>

#include "backend/backend.hpp"
#include "strata_arguments.hpp"

namespace tusk {

// The next launch on the stream begins when all blocks of this round are trained.
void launch_strata(Precision precision, const StrataArguments& arguments, cudaStream_t stream);

}  // namespace tusk
