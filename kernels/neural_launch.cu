#include <bit>

#include <cub/device/device_radix_sort.cuh>

#include "cuda_check.hpp"
#include "launch_size.hpp"
#include "neural_kernel.cuh"
#include "neural_launch.hpp"

namespace tusk {
namespace {

cudaError_t sort_rows(const NeuralSort& sort, void* scratch, std::size_t& bytes,
                      cudaStream_t stream) {
  return cub::DeviceRadixSort::SortPairs(scratch, bytes, sort.key, sort.sorted_key, sort.place,
                                         sort.sorted_place, sort.count, 0,
                                         std::bit_width(sort.limit), stream);
}

}  // namespace

void launch_draw(const NeuralDraw& draw, cudaStream_t stream) {
  draw_span<<<warps_of_numbers(draw.count), kWarpLanes, 0, stream>>>(draw);
  TUSK_CUDA_TRY(cudaGetLastError());
}

std::size_t row_sort_bytes(std::int64_t count) {
  NeuralSort sort;
  sort.count = count;
  sort.limit = ~std::uint32_t{0};
  std::size_t bytes = 0;
  TUSK_CUDA_TRY(sort_rows(sort, nullptr, bytes, nullptr));
  return bytes;
}

void launch_row_sort(const NeuralSort& sort, void* scratch, std::size_t scratch_bytes,
                     cudaStream_t stream) {
  TUSK_CUDA_TRY(sort_rows(sort, scratch, scratch_bytes, stream));
}

void launch_packing(const NeuralPacking& packing, cudaStream_t stream) {
  pack_rows<<<warps_of(packing.count), kWarpLanes, 0, stream>>>(packing);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_input(const NeuralPairs& pairs, cudaStream_t stream) {
  gather_input<<<warps_of(pairs.count), kWarpLanes, 0, stream>>>(pairs);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_activation(const NeuralActivation& activation, cudaStream_t stream) {
  const std::int64_t numbers = std::int64_t{activation.pairs} * activation.outputs;
  activate<<<warps_of_numbers(numbers), kWarpLanes, 0, stream>>>(activation);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_deactivation(const NeuralActivation& activation, cudaStream_t stream) {
  const std::int64_t numbers = std::int64_t{activation.pairs} * activation.outputs;
  deactivate<<<warps_of_numbers(numbers), kWarpLanes, 0, stream>>>(activation);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_scores(const NeuralPairs& pairs, cudaStream_t stream) {
  const auto warps = static_cast<unsigned>(score_warps(pairs.count));
  if (pairs.cursor != nullptr) {
    score_pairs<true><<<warps, kWarpLanes, 0, stream>>>(pairs);
  } else {
    score_pairs<false><<<warps, kWarpLanes, 0, stream>>>(pairs);
  }
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_gradients(const NeuralPairs& pairs, cudaStream_t stream) {
  spread_gradients<<<warps_of(pairs.count), kWarpLanes, 0, stream>>>(pairs);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_update(const NeuralPairs& pairs, const NeuralUpdate& update, cudaStream_t stream) {
  const std::int64_t of_network = (update.size + kWarpLanes - 1) / kWarpLanes;
  update_weights<<<warps_of(2 * std::int64_t{pairs.count} + of_network), kWarpLanes, 0, stream>>>(
      pairs, update);
  TUSK_CUDA_TRY(cudaGetLastError());
  if (update.touched != nullptr) {
    sum_pieces<<<warps_of(update.pieces), kWarpLanes, 0, stream>>>(pairs, update);
    TUSK_CUDA_TRY(cudaGetLastError());
    update_features<<<warps_of(update.features.rows), kWarpLanes, 0, stream>>>(pairs, update);
    TUSK_CUDA_TRY(cudaGetLastError());
  }
  finish_batch<<<1, kWarpLanes, 0, stream>>>(pairs.squared, score_warps(pairs.count), pairs.count,
                                             pairs.cursor);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_mean(const NeuralMean& mean, cudaStream_t stream) {
  mean_rows<<<warps_of(mean.width), kWarpLanes, 0, stream>>>(mean);
  TUSK_CUDA_TRY(cudaGetLastError());
  fill_untrained_rows<<<warps_of_numbers(std::int64_t{mean.rows.rows} * mean.width), kWarpLanes, 0,
                        stream>>>(mean);
  TUSK_CUDA_TRY(cudaGetLastError());
}

}  // namespace tusk
