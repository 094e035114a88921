// The launches of dense algebra on an emulated GPU, and its libraries as their documentation has
// them: matrices in columns.
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>

#include <Eigen/Cholesky>

#include "als_launch.hpp"
#include "cuda_check.hpp"
#include "dense_functions.hpp"
#include "gram_launch.hpp"

// clang-format off
#include "tests/cuda/warp_emulator.hpp"  // before device code
#include "tests/cuda/kernel_choice.hpp"
#include "als_kernel.cuh"
#include "gram_kernel.cuh"
// clang-format on

#include "dispatch.cuh"
#include "tests/cuda/emulated_gpu.hpp"

namespace tusk {

namespace {

template <AlsPass kPass>
void run_pass(const AlsArguments& arguments, cudaStream_t stream) {
  visit_factors_per_lane<float>(arguments.factors_per_lane, [&](auto per_lane) {
    test::run_warps(stream, 3, [&] {
      if constexpr (per_lane == 0) {
        visit_long_pieces<kPass>(arguments);
      } else {
        visit_pieces<kPass, per_lane>(arguments);
      }
    });
  });
}

}  // namespace

void launch_residuals(const AlsArguments& arguments, cudaStream_t stream) {
  run_pass<AlsPass::residual>(arguments, stream);
}

void launch_products(const AlsArguments& arguments, cudaStream_t stream) {
  run_pass<AlsPass::product>(arguments, stream);
}

void launch_start(const AlsArguments& arguments, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { start_rows(arguments); });
}

void launch_step(const AlsArguments& arguments, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { step_rows(arguments); });
}

void launch_systems(const AlsArguments& arguments, cudaStream_t stream) {
  test::run_warps(stream, arguments.rows * system_tiles(arguments.stride),
                  [&] { sum_systems(arguments); });
}

void launch_solutions(const AlsArguments& arguments, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { store_solutions(arguments); });
}

void launch_norms(const AlsArguments& arguments, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { measure_norms(arguments); });
}

template <class T>
void launch_gram(const GramArguments<T>& arguments, int warps, cudaStream_t stream) {
  test::run_warps(stream, warps, [&] { sum_gram_rows(arguments); });
}

template <class T>
void launch_sweep(SweepKernel kernel, const SweepArguments<T>& arguments, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] {
    switch (kernel) {
      case SweepKernel::copy_panel:
        return copy_panel(arguments);
      case SweepKernel::mirror_pivot:
        return mirror_pivot(arguments);
      case SweepKernel::store_panel:
        return store_panel(arguments);
      case SweepKernel::finish_inverse:
        return finish_inverse(arguments);
    }
  });
}

template void launch_gram(const GramArguments<float>&, int, cudaStream_t);
template void launch_gram(const GramArguments<double>&, int, cudaStream_t);
template void launch_sweep(SweepKernel, const SweepArguments<float>&, cudaStream_t);
template void launch_sweep(SweepKernel, const SweepArguments<double>&, cudaStream_t);

namespace {

// The stream that calls are queued in: one session is there at a time.
cudaStream_t stream_of_calls = nullptr;

template <class Status>
Status next_status(Status failure) {
  return test::start_on(stream_of_calls) == cudaSuccess ? Status{} : failure;
}

template <class Handle, class Status>
Status create(Handle* handle) {
  *handle = reinterpret_cast<Handle>(new char);
  ++test::emulated_memory().handles;
  return Status{};
}

template <class Handle, class Status>
Status destroy(Handle handle) {
  delete reinterpret_cast<char*>(handle);
  --test::emulated_memory().handles;
  return Status{};
}

template <class Handle, class Status>
Status set_stream(Handle, cudaStream_t stream) {
  stream_of_calls = stream;
  return Status{};
}

cublasStatus_t set_room(cublasHandle_t, void* room, std::size_t) {
  return reinterpret_cast<std::uintptr_t>(room) % 256 == 0 ? CUBLAS_STATUS_SUCCESS
                                                           : CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t queue_product(const std::function<void()>& product) {
  return test::queue(stream_of_calls, product) == cudaSuccess ? CUBLAS_STATUS_SUCCESS
                                                              : CUBLAS_STATUS_EXECUTION_FAILED;
}

// c = alpha a b + beta c, with the numbers of `a` and `b` as taken() takes them.
template <class T, class Taken>
cublasStatus_t product(cublasOperation_t of_a, cublasOperation_t of_b, int rows, int columns,
                       int depth, const T* alpha, const T* a, int lda, const T* b, int ldb,
                       const T* beta, T* c, int ldc, const Taken& taken) {
  return queue_product([=, by = *alpha, keep = *beta] {
    const auto at = [](const T* matrix, int distance, cublasOperation_t operation, int row,
                       int column) {
      if (operation == CUBLAS_OP_T) std::swap(row, column);
      return matrix[std::ptrdiff_t{column} * distance + row];
    };
    for (int column = 0; column < columns; ++column) {
      for (int row = 0; row < rows; ++row) {
        T sum = 0;
        for (int k = 0; k < depth; ++k) {
          sum += taken(at(a, lda, of_a, row, k)) * taken(at(b, ldb, of_b, k, column));
        }
        T& to = c[std::ptrdiff_t{column} * ldc + row];
        to = by * sum + (keep == 0 ? 0 : keep * to);
      }
    }
  });
}

template <class T>
cublasStatus_t gemm(cublasHandle_t, cublasOperation_t of_a, cublasOperation_t of_b, int rows,
                    int columns, int depth, const T* alpha, const T* a, int lda, const T* b,
                    int ldb, const T* beta, T* c, int ldc) {
  return product(of_a, of_b, rows, columns, depth, alpha, a, lda, b, ldb, beta, c, ldc,
                 [](T value) { return value; });
}

// The number, rounded to so many bits behind the first.
float rounded(float value, int bits) {
  const int lost = 23 - bits;
  auto word = std::bit_cast<std::uint32_t>(value);
  word += std::uint32_t{1} << (lost - 1);
  return std::bit_cast<float>(word >> lost << lost);
}

cublasStatus_t gemm_ex(cublasHandle_t, cublasOperation_t of_a, cublasOperation_t of_b, int rows,
                       int columns, int depth, const void* alpha, const void* a,
                       cudaDataType type_of_a, int lda, const void* b, cudaDataType type_of_b,
                       int ldb, const void* beta, void* c, cudaDataType type_of_c, int ldc,
                       cublasComputeType_t compute, cublasGemmAlgo_t) {
  if (type_of_a != CUDA_R_32F || type_of_b != CUDA_R_32F || type_of_c != CUDA_R_32F) {
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  const auto run = [&](const auto& taken) {
    return product(of_a, of_b, rows, columns, depth, static_cast<const float*>(alpha),
                   static_cast<const float*>(a), lda, static_cast<const float*>(b), ldb,
                   static_cast<const float*>(beta), static_cast<float*>(c), ldc, taken);
  };
  switch (compute) {
    case CUBLAS_COMPUTE_32F:
      return run([](float value) { return value; });
    case CUBLAS_COMPUTE_32F_FAST_TF32:
      return run([](float value) { return rounded(value, 10); });
    case CUBLAS_COMPUTE_32F_FAST_16BF:
      return run([](float value) { return rounded(value, 7); });
    default:
      return CUBLAS_STATUS_NOT_SUPPORTED;
  }
}

template <class T>
using Columns =
    Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>, 0, Eigen::OuterStride<>>;

template <class T>
Columns<T> columns_of(T* matrix, int size, int distance) {
  return {matrix, size, size, Eigen::OuterStride<>(distance)};
}

template <class T>
cusolverStatus_t room(cusolverDnHandle_t, cublasFillMode_t, int size, T*, int, int* needed) {
  *needed = size;
  return CUSOLVER_STATUS_SUCCESS;
}

// The factor takes the place of the triangle; the other is not touched.
template <class T>
cusolverStatus_t potrf(cusolverDnHandle_t, cublasFillMode_t uplo, int size, T* matrix, int distance,
                       T*, int, int* info) {
  if (uplo != CUBLAS_FILL_MODE_LOWER) return CUSOLVER_STATUS_INVALID_VALUE;
  auto all = columns_of(matrix, size, distance);
  const Eigen::LLT<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>, Eigen::Lower> factor(all);
  *info = factor.info() == Eigen::Success ? 0 : 1;
  all.template triangularView<Eigen::Lower>() = factor.matrixLLT();
  return next_status(CUSOLVER_STATUS_EXECUTION_FAILED);
}

template <class T>
cusolverStatus_t potri(cusolverDnHandle_t, cublasFillMode_t uplo, int size, T* matrix, int distance,
                       T*, int, int* info) {
  if (uplo != CUBLAS_FILL_MODE_LOWER) return CUSOLVER_STATUS_INVALID_VALUE;
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  auto all = columns_of(matrix, size, distance);
  const Matrix factor = all.template triangularView<Eigen::Lower>();
  Matrix inverse =
      factor.template triangularView<Eigen::Lower>().solve(Matrix::Identity(size, size));
  inverse = inverse.transpose() * inverse;
  all.template triangularView<Eigen::Lower>() = inverse;
  *info = 0;
  return next_status(CUSOLVER_STATUS_EXECUTION_FAILED);
}

cusolverStatus_t potrf_batch(cusolverDnHandle_t handle, cublasFillMode_t uplo, int size,
                             float* matrix[], int distance, int* info, int count) {
  for (int n = 0; n < count; ++n) {
    const cusolverStatus_t status =
        potrf<float>(handle, uplo, size, matrix[n], distance, nullptr, 0, &info[n]);
    if (status != CUSOLVER_STATUS_SUCCESS) return status;
  }
  return CUSOLVER_STATUS_SUCCESS;
}

cusolverStatus_t potrs_batch(cusolverDnHandle_t, cublasFillMode_t uplo, int size, int rights,
                             float* matrix[], int distance, float* right[], int, int* info,
                             int count) {
  if (uplo != CUBLAS_FILL_MODE_LOWER || rights != 1) return CUSOLVER_STATUS_INVALID_VALUE;
  for (int n = 0; n < count; ++n) {
    const auto factor = columns_of(matrix[n], size, distance);
    Eigen::Map<Eigen::VectorXf> solved(right[n], size);
    factor.triangularView<Eigen::Lower>().solveInPlace(solved);
    factor.triangularView<Eigen::Lower>().transpose().solveInPlace(solved);
  }
  *info = 0;
  return next_status(CUSOLVER_STATUS_EXECUTION_FAILED);
}

}  // namespace

const DenseFunctions& dense_functions() {
  static const DenseFunctions functions = {
      create<cublasHandle_t, cublasStatus_t>,
      destroy<cublasHandle_t, cublasStatus_t>,
      set_stream<cublasHandle_t, cublasStatus_t>,
      set_room,
      gemm<float>,
      gemm<double>,
      gemm_ex,
      create<cusolverDnHandle_t, cusolverStatus_t>,
      destroy<cusolverDnHandle_t, cusolverStatus_t>,
      set_stream<cusolverDnHandle_t, cusolverStatus_t>,
      room<float>,
      room<double>,
      potrf<float>,
      potrf<double>,
      room<float>,
      room<double>,
      potri<float>,
      potri<double>,
      potrf_batch,
      potrs_batch,
  };
  return functions;
}

}  // namespace tusk
