// Starts what is done with a model before and after an epoch on a stream. Neither allocates nor
// waits.
#pragma once

#include <cuda_runtime_api.h>

#include "backend/backend.hpp"
#include "cuda/validation_warps.hpp"
#include "model_arguments.hpp"

namespace tusk {

void launch_initial_factors(Precision precision, const InitialFactors& initial,
                            cudaStream_t stream);

void launch_unpacking(Precision precision, const RowsToUnpack& rows, cudaStream_t stream);

void launch_validation(Precision precision, const ValidationArguments& arguments,
                       cudaStream_t stream);

// Adds up `count` sums.
void launch_error_total(const ErrorSums* sums, int count, ErrorSums* total, cudaStream_t stream);

// Whether this GPU can run the kernels.
cudaError_t find_kernels();

}  // namespace tusk
