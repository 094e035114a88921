// The launches of neural networks on an emulated GPU. Arguments are copied, as on a GPU, where a
// graph keeps those that it was captured with.
#include <algorithm>
#include <numeric>
#include <vector>

#include "cuda_check.hpp"
#include "neural_launch.hpp"

// clang-format off
#include "tests/cuda/warp_emulator.hpp"  // before device code
#include "tests/cuda/copy_emulator.hpp"
#include "neural_kernel.cuh"
// clang-format on

#include "tests/cuda/emulated_gpu.hpp"

namespace tusk {

void launch_draw(const NeuralDraw& draw, cudaStream_t stream) {
  test::run_warps(stream, 3, [=] { draw_span(draw); });
}

std::size_t row_sort_bytes(std::int64_t) { return 1; }

void launch_row_sort(const NeuralSort& sort, void*, std::size_t, cudaStream_t stream) {
  TUSK_CUDA_TRY(test::queue(stream, [=] {
    std::vector<std::int64_t> order(static_cast<std::size_t>(sort.count));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t a, std::int64_t b) { return sort.key[a] < sort.key[b]; });
    for (std::int64_t n = 0; n < sort.count; ++n) {
      const std::int64_t from = order[static_cast<std::size_t>(n)];
      if (sort.key[from] >= sort.limit) throw std::logic_error("a key is beyond its limit");
      sort.sorted_key[n] = sort.key[from];
      sort.sorted_place[n] = sort.place[from];
    }
  }));
}

void launch_packing(const NeuralPacking& packing, cudaStream_t stream) {
  test::run_warps(stream, 3, [=] { pack_rows(packing); });
}

void launch_input(const NeuralPairs& pairs, cudaStream_t stream) {
  test::run_warps(stream, 3, [=] { gather_input(pairs); });
}

void launch_activation(const NeuralActivation& activation, cudaStream_t stream) {
  test::run_warps(stream, 3, [=] { activate(activation); });
}

void launch_deactivation(const NeuralActivation& activation, cudaStream_t stream) {
  test::run_warps(stream, 3, [=] { deactivate(activation); });
}

void launch_scores(const NeuralPairs& pairs, cudaStream_t stream) {
  const int warps = score_warps(pairs.count);
  if (pairs.cursor != nullptr) {
    test::run_warps(stream, warps, [=] { score_pairs<true>(pairs); });
  } else {
    test::run_warps(stream, warps, [=] { score_pairs<false>(pairs); });
  }
}

void launch_gradients(const NeuralPairs& pairs, cudaStream_t stream) {
  test::run_warps(stream, 3, [=] { spread_gradients(pairs); });
}

void launch_update(const NeuralPairs& pairs, const NeuralUpdate& update, cudaStream_t stream) {
  test::run_warps(stream, 3, [=] { update_weights(pairs, update); });
  if (update.touched != nullptr) {
    test::run_warps(stream, 3, [=] { sum_pieces(pairs, update); });
    test::run_warps(stream, 3, [=] { update_features(pairs, update); });
  }
  test::run_warps(stream, 1, [=] {
    finish_batch(pairs.squared, score_warps(pairs.count), pairs.count, pairs.cursor);
  });
}

void launch_mean(const NeuralMean& mean, cudaStream_t stream) {
  test::run_warps(stream, 3, [=] { mean_rows(mean); });
  test::run_warps(stream, 3, [=] { fill_untrained_rows(mean); });
}

}  // namespace tusk
