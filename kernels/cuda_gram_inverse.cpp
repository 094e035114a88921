#include "cuda_gram_inverse.hpp"

#include <algorithm>
#include <cstdint>

#include "cuda_handles.hpp"
#include "dense_algebra.hpp"
#include "device_matrix.hpp"
#include "gram_launch.hpp"

namespace tusk {
namespace {

// The matrix, in the GPU's memory.
template <class T>
class GramInverse {
 public:
  GramInverse(int device, const GramProblem& problem, const GramPlan& plan)
      : device_(choose_device(device)),
        problem_(problem),
        algebra_(stream_),
        size_(problem.rows.rows()),
        tile_(static_cast<std::int64_t>(plan.tile)),
        matrix_(matrix_size(size_, size_), stream_) {
    fill(plan.sums);
  }
  ~GramInverse() {
    // After a failure nothing more is known of the stream, and there is nobody to tell.
    cudaSetDevice(device_);
    cudaStreamSynchronize(stream_);
  }

  // By blocks of rows and columns, as invert_symmetric() does it.
  bool invert() {
    DeviceBuffer<T> panel(matrix_size(size_, tile_), stream_);
    DeviceBuffer<T> scaled(matrix_size(size_, tile_), stream_);
    DeviceBuffer<T> pivot(matrix_size(tile_, tile_), stream_);
    SweepArguments<T> step{matrix_.data(), size_,         0,           0, tile_,
                           panel.data(),   scaled.data(), pivot.data()};
    for (; step.first < size_; step.first += tile_) {
      problem_.check_stop();
      step.height = std::min(tile_, size_ - step.first);
      if (!eliminate(step)) return false;
    }
    launch_sweep(SweepKernel::finish_inverse, step, stream_);
    return true;
  }

  void download(std::span<T> inverse) {
    matrix_.download(inverse, stream_);
    stream_.wait();
  }

 private:
  // The matrix itself, its lower triangle.
  void fill(int warps) {
    const DeviceMatrix rows(problem_.rows, stream_);
    const DeviceMatrix transposed(problem_.transposed, stream_);
    const DeviceBuffer<double> scale(problem_.scale, stream_);
    const DeviceBuffer<double> diagonal(problem_.diagonal, stream_);
    DeviceBuffer<double> sums(matrix_size(warps, size_), stream_);
    sums.clear(stream_);
    launch_gram<T>({rows.rows(), transposed.rows(), scale.data(), diagonal.data(), sums.data(),
                    matrix_.data()},
                   warps, stream_);
    stream_.wait();
  }

  bool eliminate(const SweepArguments<T>& step) {
    const auto tile = static_cast<int>(tile_);
    const auto height = static_cast<int>(step.height);
    launch_sweep(SweepKernel::copy_panel, step, stream_);
    TUSK_CUDA_TRY(cudaMemcpyAsync(step.pivot, step.panel + step.first * tile_,
                                  matrix_size(step.height, tile_) * sizeof(T),
                                  cudaMemcpyDeviceToDevice, stream_));
    if (!algebra_.invert(step.pivot, height, tile)) return false;
    launch_sweep(SweepKernel::mirror_pivot, step, stream_);
    algebra_.multiply<T>(static_cast<int>(size_), height, height, 1, step.panel, tile, step.pivot,
                         tile, 0, step.scaled, tile);
    for (std::int64_t first = 0; first < size_; first += tile_) {
      const std::int64_t end = std::min(size_, first + tile_);
      algebra_.multiply<T>(static_cast<int>(end - first), static_cast<int>(end), height, -1,
                           step.scaled + first * tile_, tile, step.panel, tile, 1,
                           step.matrix + first * size_, static_cast<int>(size_));
    }
    launch_sweep(SweepKernel::store_panel, step, stream_);
    return true;
  }

  int device_;
  CudaStream stream_;
  const GramProblem& problem_;
  DenseAlgebra algebra_;
  std::int64_t size_;
  std::int64_t tile_;
  DeviceBuffer<T> matrix_;
};

}  // namespace

template <class T>
bool invert_gram_on_gpu(int device, const GramProblem& problem, const GramPlan& plan,
                        std::span<T> inverse) {
  GramInverse<T> gram(device, problem, plan);
  if (!gram.invert()) return false;
  gram.download(inverse);
  return true;
}

template bool invert_gram_on_gpu(int, const GramProblem&, const GramPlan&, std::span<float>);
template bool invert_gram_on_gpu(int, const GramProblem&, const GramPlan&, std::span<double>);

}  // namespace tusk
