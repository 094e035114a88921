// Starts the kernels of iALS on a stream, for a batch of rows. Neither allocates nor waits.
#pragma once

#include <cuda_runtime_api.h>

#include "als_arguments.hpp"

namespace tusk {

// What a pass of conjugate gradients over the interactions adds up; see AlsPass.
void launch_residuals(const AlsArguments& arguments, cudaStream_t stream);
void launch_products(const AlsArguments& arguments, cudaStream_t stream);

void launch_start(const AlsArguments& arguments, cudaStream_t stream);
void launch_step(const AlsArguments& arguments, cudaStream_t stream);

// The normal equations of the rows, and their solutions as factors.
void launch_systems(const AlsArguments& arguments, cudaStream_t stream);
void launch_solutions(const AlsArguments& arguments, cudaStream_t stream);

// What the rows' regularization adds to the loss.
void launch_norms(const AlsArguments& arguments, cudaStream_t stream);

}  // namespace tusk
