#include "dense_algebra.hpp"

#include <algorithm>
#include <type_traits>

#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk {
namespace {

void check(int status, int no_memory, const char* library, const char* call) {
  if (status == 0) return;
  if (status == no_memory) check_cuda(cudaErrorMemoryAllocation, call, __FILE__, __LINE__);
  throw DeviceError(
      fmt::format("the GPU failed: {} answered {} with status {}", library, call, status));
}

void check(cublasStatus_t status, const char* call) {
  check(static_cast<int>(status), CUBLAS_STATUS_ALLOC_FAILED, "cuBLAS", call);
}

void check(cusolverStatus_t status, const char* call) {
  check(static_cast<int>(status), CUSOLVER_STATUS_ALLOC_FAILED, "cuSOLVER", call);
}

#define TUSK_DENSE_TRY(call) check((call), #call)

// Both libraries have matrices in columns. A symmetric matrix is the same there, but that its
// upper triangle is called the lower one.
constexpr cublasFillMode_t kUpperOfRows = CUBLAS_FILL_MODE_LOWER;

cublasComputeType_t compute_type(Precision precision) {
  if (precision == Precision::tf32) return CUBLAS_COMPUTE_32F_FAST_TF32;
  if (precision == Precision::bf16) return CUBLAS_COMPUTE_32F_FAST_16BF;
  return CUBLAS_COMPUTE_32F;
}

}  // namespace

DenseAlgebra::DenseAlgebra(cudaStream_t stream, Precision precision)
    : stream_(stream),
      compute_(compute_type(precision)),
      functions_(dense_functions()),
      info_(1, stream) {
  TUSK_DENSE_TRY(functions_.create_blas(&blas_));
  try {
    TUSK_DENSE_TRY(functions_.set_blas_stream(blas_, stream));
    TUSK_DENSE_TRY(functions_.create_solver(&solver_));
    TUSK_DENSE_TRY(functions_.set_solver_stream(solver_, stream));
  } catch (...) {
    if (solver_ != nullptr) functions_.destroy_solver(solver_);
    functions_.destroy_blas(blas_);
    throw;
  }
}

DenseAlgebra::~DenseAlgebra() {
  functions_.destroy_solver(solver_);
  functions_.destroy_blas(blas_);
}

template <class T>
void DenseAlgebra::multiply(int rows, int columns, int depth, T alpha, const T* a, int lda,
                            const T* b, int ldb, T beta, T* c, int ldc) {
  // A matrix in rows is the transpose of one in columns, so c' = b a' is computed.
  const auto gemm = [&](const auto& function) {
    TUSK_DENSE_TRY(function(blas_, CUBLAS_OP_T, CUBLAS_OP_N, columns, rows, depth, &alpha, b, ldb,
                            a, lda, &beta, c, ldc));
  };
  if constexpr (std::is_same_v<T, float>) {
    gemm(functions_.sgemm);
  } else {
    gemm(functions_.dgemm);
  }
}

template void DenseAlgebra::multiply(int, int, int, float, const float*, int, const float*, int,
                                     float, float*, int);
template void DenseAlgebra::multiply(int, int, int, double, const double*, int, const double*, int,
                                     double, double*, int);

void DenseAlgebra::multiply(int rows, int columns, int depth, const Matrix& a, const Matrix& b,
                            float* c, int ldc) {
  // As above, c' = b' a' is computed.
  const auto operation = [](const Matrix& matrix) {
    return matrix.transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
  };
  const float one = 1;
  const float zero = 0;
  TUSK_DENSE_TRY(functions_.gemm_ex(blas_, operation(b), operation(a), columns, rows, depth, &one,
                                    b.values, CUDA_R_32F, b.distance, a.values, CUDA_R_32F,
                                    a.distance, &zero, c, CUDA_R_32F, ldc, compute_,
                                    CUBLAS_GEMM_DEFAULT));
}

void DenseAlgebra::take_room(DeviceBuffer<unsigned char>& room) {
  TUSK_DENSE_TRY(functions_.set_blas_room(blas_, room.data(), room.bytes()));
}

void DenseAlgebra::multiply_by_itself(int rows, int columns, float alpha, const float* a,
                                      float* c) {
  const float zero = 0;
  TUSK_DENSE_TRY(functions_.sgemm(blas_, CUBLAS_OP_N, CUBLAS_OP_T, columns, columns, rows, &alpha,
                                  a, columns, a, columns, &zero, c, columns));
}

template <class T>
bool DenseAlgebra::invert(T* matrix, int size, int distance) {
  const auto done = [&] {
    int failed = 0;
    info_.download({&failed, 1}, stream_);
    TUSK_CUDA_TRY(cudaStreamSynchronize(stream_));
    return failed == 0;
  };
  const auto run = [&](const auto& factor_size, const auto& factor, const auto& inverse_size,
                       const auto& inverse) {
    int factor_room = 0;
    int inverse_room = 0;
    TUSK_DENSE_TRY(factor_size(solver_, kUpperOfRows, size, matrix, distance, &factor_room));
    TUSK_DENSE_TRY(inverse_size(solver_, kUpperOfRows, size, matrix, distance, &inverse_room));
    const int room = std::max({factor_room, inverse_room, 1});
    DeviceBuffer<T> work(static_cast<std::size_t>(room), stream_);
    TUSK_DENSE_TRY(
        factor(solver_, kUpperOfRows, size, matrix, distance, work.data(), room, info_.data()));
    if (!done()) return false;
    TUSK_DENSE_TRY(
        inverse(solver_, kUpperOfRows, size, matrix, distance, work.data(), room, info_.data()));
    return done();
  };
  if constexpr (std::is_same_v<T, float>) {
    return run(functions_.spotrf_room, functions_.spotrf, functions_.spotri_room,
               functions_.spotri);
  } else {
    return run(functions_.dpotrf_room, functions_.dpotrf, functions_.dpotri_room,
               functions_.dpotri);
  }
}

template bool DenseAlgebra::invert(float*, int, int);
template bool DenseAlgebra::invert(double*, int, int);

void DenseAlgebra::solve(float** matrix, float** right, int size, int count, int* info) {
  factor(matrix, size, size, count, info);
  solve_factored(matrix, right, size, size, count);
}

void DenseAlgebra::factor(float** matrix, int size, int distance, int count, int* info) {
  TUSK_DENSE_TRY(
      functions_.spotrf_batch(solver_, kUpperOfRows, size, matrix, distance, info, count));
}

void DenseAlgebra::solve_factored(float** matrix, float** right, int size, int distance,
                                  int count) {
  TUSK_DENSE_TRY(functions_.spotrs_batch(solver_, kUpperOfRows, size, 1, matrix, distance, right,
                                         size, info_.data(), count));
}

}  // namespace tusk
