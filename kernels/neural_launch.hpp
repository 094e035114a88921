// Starts the kernels of neural networks on a stream. None allocates or waits.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cuda_runtime_api.h>

#include "neural_arguments.hpp"

namespace tusk {

void launch_draw(const NeuralDraw& draw, cudaStream_t stream);

// Bytes that launch_row_sort() works in.
std::size_t row_sort_bytes(std::int64_t count);

// Sorts what launch_draw() wrote by keys below `limit`.
struct NeuralSort {
  const std::uint32_t* key = nullptr;
  const std::int32_t* place = nullptr;
  std::uint32_t* sorted_key = nullptr;
  std::int32_t* sorted_place = nullptr;
  std::int64_t count = 0;
  std::uint32_t limit = 0;
};
void launch_row_sort(const NeuralSort& sort, void* scratch, std::size_t scratch_bytes,
                     cudaStream_t stream);

void launch_packing(const NeuralPacking& packing, cudaStream_t stream);
void launch_input(const NeuralPairs& pairs, cudaStream_t stream);
void launch_activation(const NeuralActivation& activation, cudaStream_t stream);
void launch_deactivation(const NeuralActivation& activation, cudaStream_t stream);
// Training where pairs have a cursor, else validation.
void launch_scores(const NeuralPairs& pairs, cudaStream_t stream);
void launch_gradients(const NeuralPairs& pairs, cudaStream_t stream);
// With features, where the update has such, and then on to the next batch.
void launch_update(const NeuralPairs& pairs, const NeuralUpdate& update, cudaStream_t stream);
void launch_mean(const NeuralMean& mean, cudaStream_t stream);

}  // namespace tusk
