#include "bayes_kernel.cuh"
#include "bayes_launch.hpp"
#include "bayes_links_kernel.cuh"
#include "cuda_check.hpp"
#include "launch_size.hpp"

namespace tusk {
namespace {

unsigned moment_blocks(const BayesMoments& moments) {
  const std::int64_t chunks = (moments.rows + kMomentRows - 1) / kMomentRows;
  return static_cast<unsigned>(chunks * moments.layout.chains * bayes_tiles(moments.layout.stride));
}

std::int64_t numbers_of(const BayesGradients& gradients) {
  return std::int64_t{gradients.rows} * gradients.width;
}

template <int Chunks>
void launch_draws_of(const BayesArguments& a, cudaStream_t stream) {
  const std::size_t bytes =
      static_cast<std::size_t>(drawn_floats(a.layout.width, a.layout.stride)) * sizeof(float);
  draw_rows<Chunks>
      <<<warps_of(std::int64_t{a.rows} * a.layout.chains), kWarpLanes, bytes, stream>>>(a);
  TUSK_CUDA_TRY(cudaGetLastError());
}

}  // namespace

void launch_normals(const BayesNormals& normals, cudaStream_t stream) {
  const std::int64_t quads =
      std::int64_t{normals.rows} * normals.layout.chains * normals.layout.stride / 4;
  fill_normals<<<warps_of_numbers(quads), kWarpLanes, 0, stream>>>(normals);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_moments(const BayesMoments& moments, cudaStream_t stream) {
  if (moments.rows > 0) {
    sum_moments<<<moment_blocks(moments), kWarpLanes, kGramTileSharedBytes, stream>>>(moments);
    TUSK_CUDA_TRY(cudaGetLastError());
  }
  add_moments<<<warps_of_numbers(std::int64_t{moments.layout.chains} *
                                 bayes_tiles(moments.layout.stride) * kBayesTileFloats),
                kWarpLanes, 0, stream>>>(moments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_grams(const BayesArguments& arguments, cudaStream_t stream) {
  const std::int64_t blocks =
      arguments.pieces * arguments.layout.chains * bayes_tiles(arguments.layout.stride);
  if (blocks == 0) return;
  sum_grams<<<static_cast<unsigned>(blocks), kWarpLanes, kGramTileSharedBytes, stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_draws(const BayesArguments& arguments, cudaStream_t stream) {
  switch (arguments.layout.stride / kWarpLanes) {
    case 1:
      return launch_draws_of<1>(arguments, stream);
    case 2:
      return launch_draws_of<2>(arguments, stream);
    case 3:
      return launch_draws_of<3>(arguments, stream);
    case 4:
      return launch_draws_of<4>(arguments, stream);
    default:
      return launch_draws_of<5>(arguments, stream);
  }
}

void launch_posteriors(const BayesArguments& arguments, cudaStream_t stream) {
  fill_systems<<<warps_of(std::int64_t{arguments.rows} * arguments.layout.chains), kWarpLanes, 0,
                 stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_added_normals(const BayesArguments& arguments, cudaStream_t stream) {
  const std::size_t bytes = static_cast<std::size_t>(arguments.layout.width) * sizeof(float);
  add_normals<<<warps_of(std::int64_t{arguments.rows} * arguments.layout.chains), kWarpLanes, bytes,
                stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_vectors(const BayesArguments& arguments, cudaStream_t stream) {
  store_vectors<<<warps_of(std::int64_t{arguments.rows} * arguments.layout.chains), kWarpLanes, 0,
                  stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_product(const BayesProduct& product, cudaStream_t stream) {
  multiply_pieces<<<warps_of(product.pieces * product_blocks(product.width)), kWarpLanes, 0,
                    stream>>>(product);
  TUSK_CUDA_TRY(cudaGetLastError());
  add_pieces<<<warps_of(product.matrix.rows), kWarpLanes, 0, stream>>>(product);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_lower_product(const BayesLowerProduct& product, cudaStream_t stream) {
  const std::size_t bytes = static_cast<std::size_t>(product.layout.stride) * sizeof(float);
  multiply_lower<<<warps_of(std::int64_t{product.rows} * product.layout.chains), kWarpLanes, bytes,
                   stream>>>(product);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_gradient_start(const BayesGradients& gradients, cudaStream_t stream) {
  start_gradients<<<warps_of_numbers(numbers_of(gradients)), kWarpLanes, 0, stream>>>(gradients);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_added_precision(const BayesGradients& gradients, cudaStream_t stream) {
  add_precision<<<warps_of_numbers(numbers_of(gradients)), kWarpLanes, 0, stream>>>(gradients);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_gradient_step(const BayesGradients& gradients, cudaStream_t stream) {
  advance_solution<<<warps_of_numbers(numbers_of(gradients)), kWarpLanes, 0, stream>>>(gradients);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_gradient_turn(const BayesGradients& gradients, cudaStream_t stream) {
  turn_direction<<<warps_of_numbers(numbers_of(gradients)), kWarpLanes, 0, stream>>>(gradients);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_column_sums(const BayesColumnSums& sums, cudaStream_t stream) {
  const std::int64_t chunks = (sums.rows + kMomentRows - 1) / kMomentRows;
  sum_columns<<<warps_of_numbers(chunks * sums.width), kWarpLanes, 0, stream>>>(sums);
  TUSK_CUDA_TRY(cudaGetLastError());
  add_columns<<<warps_of_numbers(sums.width), kWarpLanes, 0, stream>>>(sums);
  TUSK_CUDA_TRY(cudaGetLastError());
}

}  // namespace tusk
