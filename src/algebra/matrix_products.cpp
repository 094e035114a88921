#include "algebra/matrix_products.hpp"

#include <optional>

#include <Eigen/Core>
#include <dlfcn.h>

namespace tusk {
namespace {

template <class T>
void eigen_product(int rows, int columns, int depth, T alpha, const T* a, int lda, const T* b,
                   int ldb, T beta, T* c, int ldc) {
  using Rows = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Distance = Eigen::OuterStride<>;
  const Eigen::Map<const Rows, 0, Distance> left(a, rows, depth, Distance(lda));
  const Eigen::Map<const Rows, 0, Distance> right(b, columns, depth, Distance(ldb));
  Eigen::Map<Rows, 0, Distance> result(c, rows, columns, Distance(ldc));
  if (beta == 0) {
    result.setZero();
  } else if (beta != 1) {
    result *= beta;
  }
  result.noalias() += alpha * left * right.transpose();
}

// The Fortran interface of BLAS: matrices in columns. A matrix in rows is the transpose of one in
// columns, so c' = b a' is computed.
template <class T>
using Gemm = void (*)(const char* transpose_a, const char* transpose_b, const int* rows,
                      const int* columns, const int* depth, const T* alpha, const T* a,
                      const int* lda, const T* b, const int* ldb, const T* beta, T* c,
                      const int* ldc);

Gemm<float> openblas_sgemm = nullptr;
Gemm<double> openblas_dgemm = nullptr;

template <class T>
void openblas_product(int rows, int columns, int depth, T alpha, const T* a, int lda, const T* b,
                      int ldb, T beta, T* c, int ldc) {
  const auto multiply = [](auto gemm, auto&&... arguments) { gemm("T", "N", arguments...); };
  if constexpr (sizeof(T) == sizeof(float)) {
    multiply(openblas_sgemm, &columns, &rows, &depth, &alpha, b, &ldb, a, &lda, &beta, c, &ldc);
  } else {
    multiply(openblas_dgemm, &columns, &rows, &depth, &alpha, b, &ldb, a, &lda, &beta, c, &ldc);
  }
}

// Loaded when it is needed: linked to the program it would start its threads with every command.
std::optional<MatrixProducts> load_openblas() {
  void* const library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  openblas_sgemm = reinterpret_cast<Gemm<float>>(dlsym(library, "sgemm_"));
  openblas_dgemm = reinterpret_cast<Gemm<double>>(dlsym(library, "dgemm_"));
  const auto set_threads =
      reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads"));
  if (openblas_sgemm == nullptr || openblas_dgemm == nullptr || set_threads == nullptr) {
    return std::nullopt;
  }
  set_threads(1);
  return MatrixProducts{"OpenBLAS", openblas_product<float>, openblas_product<double>};
}

}  // namespace

const MatrixProducts& eigen_products() {
  static const MatrixProducts products = {"Eigen", eigen_product<float>, eigen_product<double>};
  return products;
}

const MatrixProducts* openblas_products() {
  static const std::optional<MatrixProducts> products = load_openblas();
  return products ? &*products : nullptr;
}

const MatrixProducts& matrix_products() {
  const MatrixProducts* const openblas = openblas_products();
  return openblas != nullptr ? *openblas : eigen_products();
}

}  // namespace tusk
