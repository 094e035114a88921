// Links by conjugate gradients.
#include <algorithm>
#include <utility>

#include "backend/bayes_limits.hpp"
#include "bayes_launch.hpp"
#include "cuda_bayes_links.hpp"

namespace tusk {

BayesGradients CudaBayesLinks::gradients() {
  BayesLinkRoom& room = context_.room;
  BayesGradients a;
  a.rows = columns();
  a.width = static_cast<int>(row_floats());
  a.stride = context_.layout.stride;
  a.precision = room.precision.data();
  a.done = room.done.data();
  a.diagonal = diagonal_.data();
  a.solution = links_.data();
  a.right = room.right.data();
  a.residual = room.residual.data();
  a.scaled = room.scaled.data();
  a.direction = room.direction.data();
  a.product = room.product.data();
  a.square = room.square.data();
  a.curvature = room.sums.data();
  a.next_square = room.next_square.data();
  return a;
}

void CudaBayesLinks::sum_columns(const float* a, const float* b, double* sums) const {
  launch_column_sums(
      {columns(), static_cast<int>(row_floats()), a, b, context_.room.partial_sums.data(), sums},
      context_.stream);
}

std::vector<double> CudaBayesLinks::download_sums() const {
  std::vector<double> sums(context_.room.sums.size());
  context_.room.sums.download(sums, context_.stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
  return sums;
}

void CudaBayesLinks::solve_iteratively() {
  BayesLinkRoom& room = context_.room;
  const auto stride = static_cast<std::size_t>(context_.layout.stride);
  const std::vector<float> precision(precision_.begin(), precision_.end());
  room.precision.upload(precision, context_.stream);
  std::vector<std::uint8_t> done(precision_.size(), 0);
  BayesGradients a = gradients();
  links_.clear(context_.stream);
  launch_gradient_start(a, context_.stream);
  sum_columns(a.right, a.right, room.sums.data());
  const std::vector<double> whole = download_sums();
  sum_columns(a.residual, a.scaled, room.square.data());
  for (int step = 0; step < kMostLinkSteps; ++step) {
    context_.check_stop();
    sum_columns(a.residual, a.residual, room.sums.data());
    const std::vector<double> left = download_sums();
    for (std::size_t chain = 0; chain < done.size(); ++chain) {
      bool all = true;
      for (std::size_t k = chain * stride; k < (chain + 1) * stride; ++k) {
        all = all && left[k] <= kLinkTolerance * kLinkTolerance * whole[k];
      }
      done[chain] = all ? 1 : 0;
    }
    if (std::count(done.begin(), done.end(), 0) == 0) return;
    room.done.upload(done, context_.stream);
    multiply(all_, a.direction, room.target.data(), 1, false);
    multiply(transposed_, room.target.data(), a.product, 1, false);
    launch_added_precision(a, context_.stream);
    sum_columns(a.direction, a.product, room.sums.data());
    launch_gradient_step(a, context_.stream);
    sum_columns(a.residual, a.scaled, room.next_square.data());
    launch_gradient_turn(a, context_.stream);
    std::swap(room.square, room.next_square);
    a.square = room.square.data();
    a.next_square = room.next_square.data();
  }
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));  // the last copy has read `done`
}

}  // namespace tusk
