// The launches of Gibbs sampling on an emulated GPU.
#include "bayes_launch.hpp"
#include "cuda_check.hpp"

// clang-format off
#include "tests/cuda/warp_emulator.hpp"  // before device code
#include "bayes_kernel.cuh"
#include "bayes_links_kernel.cuh"
// clang-format on

#include "tests/cuda/emulated_gpu.hpp"

namespace tusk {
namespace {

template <int Chunks>
void run_draws(const BayesArguments& arguments, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { draw_rows<Chunks>(arguments); });
}

}  // namespace

void launch_normals(const BayesNormals& normals, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { fill_normals(normals); });
}

void launch_moments(const BayesMoments& moments, cudaStream_t stream) {
  const std::int64_t chunks = (moments.rows + kMomentRows - 1) / kMomentRows;
  const std::int64_t warps = chunks * moments.layout.chains * bayes_tiles(moments.layout.stride);
  test::run_warps(stream, static_cast<int>(warps), [&] { sum_moments(moments); });
  test::run_warps(stream, 3, [&] { add_moments(moments); });
}

void launch_grams(const BayesArguments& arguments, cudaStream_t stream) {
  const std::int64_t warps =
      arguments.pieces * arguments.layout.chains * bayes_tiles(arguments.layout.stride);
  test::run_warps(stream, static_cast<int>(warps), [&] { sum_grams(arguments); });
}

void launch_draws(const BayesArguments& arguments, cudaStream_t stream) {
  switch (arguments.layout.stride / kWarpLanes) {
    case 1:
      return run_draws<1>(arguments, stream);
    case 2:
      return run_draws<2>(arguments, stream);
    case 3:
      return run_draws<3>(arguments, stream);
    case 4:
      return run_draws<4>(arguments, stream);
    default:
      return run_draws<5>(arguments, stream);
  }
}

void launch_posteriors(const BayesArguments& arguments, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { fill_systems(arguments); });
}

void launch_added_normals(const BayesArguments& arguments, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { add_normals(arguments); });
}

void launch_vectors(const BayesArguments& arguments, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { store_vectors(arguments); });
}

void launch_product(const BayesProduct& product, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { multiply_pieces(product); });
  test::run_warps(stream, 3, [&] { add_pieces(product); });
}

void launch_lower_product(const BayesLowerProduct& product, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { multiply_lower(product); });
}

void launch_gradient_start(const BayesGradients& gradients, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { start_gradients(gradients); });
}

void launch_added_precision(const BayesGradients& gradients, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { add_precision(gradients); });
}

void launch_gradient_step(const BayesGradients& gradients, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { advance_solution(gradients); });
}

void launch_gradient_turn(const BayesGradients& gradients, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { turn_direction(gradients); });
}

void launch_column_sums(const BayesColumnSums& sums, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { sum_columns(sums); });
  test::run_warps(stream, 3, [&] { add_columns(sums); });
}

}  // namespace tusk
