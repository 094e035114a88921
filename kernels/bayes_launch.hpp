// Starts the kernels of Gibbs sampling on a stream. Neither allocates nor waits.
#pragma once

#include <cuda_runtime_api.h>

#include "bayes_arguments.hpp"

namespace tusk {

void launch_normals(const BayesNormals& normals, cudaStream_t stream);
// The sums of all chains.
void launch_moments(const BayesMoments& moments, cudaStream_t stream);

// The Gram matrices of the batch's pieces.
void launch_grams(const BayesArguments& arguments, cudaStream_t stream);
// The vectors of the batch, in shared memory: see draws_in_shared_memory().
void launch_draws(const BayesArguments& arguments, cudaStream_t stream);
// The same around the decomposition and the solution of their systems.
void launch_posteriors(const BayesArguments& arguments, cudaStream_t stream);
void launch_added_normals(const BayesArguments& arguments, cudaStream_t stream);
void launch_vectors(const BayesArguments& arguments, cudaStream_t stream);

void launch_product(const BayesProduct& product, cudaStream_t stream);
void launch_lower_product(const BayesLowerProduct& product, cudaStream_t stream);

void launch_gradient_start(const BayesGradients& gradients, cudaStream_t stream);
void launch_added_precision(const BayesGradients& gradients, cudaStream_t stream);
void launch_gradient_step(const BayesGradients& gradients, cudaStream_t stream);
void launch_gradient_turn(const BayesGradients& gradients, cudaStream_t stream);
void launch_column_sums(const BayesColumnSums& sums, cudaStream_t stream);

}  // namespace tusk
