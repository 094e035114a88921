// Dense matrices in the GPU's memory, by cuBLAS and cuSOLVER. Matrices are in rows, whose distances
// from each other are given; what is called here is queued in a stream.
#pragma once

#include <tusk/device.hpp>

#include "cuda_handles.hpp"
#include "dense_functions.hpp"

namespace tusk {

class DenseAlgebra {
 public:
  // Throws DeviceError where the libraries cannot be loaded. The stream must outlive this.
  // `precision` is that of products of Matrix.
  explicit DenseAlgebra(cudaStream_t stream, Precision precision = Precision::fp32);
  ~DenseAlgebra();
  DenseAlgebra(const DenseAlgebra&) = delete;
  DenseAlgebra& operator=(const DenseAlgebra&) = delete;

  // As MatrixProduct: c = beta c + alpha a b', with c [rows, columns], a [rows, depth] and b
  // [columns, depth].
  template <class T>
  void multiply(int rows, int columns, int depth, T alpha, const T* a, int lda, const T* b, int ldb,
                T beta, T* c, int ldc);

  // A matrix in rows, or the transpose of one.
  struct Matrix {
    const float* values = nullptr;
    int distance = 0;
    bool transposed = false;
  };
  // c = a b, with c [rows, columns], a [rows, depth] and b [depth, columns].
  void multiply(int rows, int columns, int depth, const Matrix& a, const Matrix& b, float* c,
                int ldc);

  // Gives cuBLAS memory to work in, so that it takes none of its own from now on.
  void take_room(DeviceBuffer<unsigned char>& room);

  // c [columns, columns] = alpha a' a, of a [rows, columns] without gaps between rows.
  void multiply_by_itself(int rows, int columns, float alpha, const float* a, float* c);

  // Replaces the upper triangle of a symmetric positive definite matrix [size, size] by that of its
  // inverse, and what is below it by anything. Waits for the stream. False if it is not positive
  // definite, as rounding leaves it.
  template <class T>
  bool invert(T* matrix, int size, int distance);

  // Solves matrix[n] x = right[n] for `count` symmetric positive definite matrices [size, size]
  // without gaps between rows, of which the upper triangles are read. Both pointers are to pointers
  // in the GPU's memory; x takes the place of right[n] [size], and matrix[n] is lost. info[n] is 0
  // where that matrix was positive definite.
  void solve(float** matrix, float** right, int size, int count, int* info);

  // The two halves of it: matrix[n], whose rows have a distance, becomes U with U'U = matrix[n] in
  // its upper triangle, and right[n] x with U'U x = right[n].
  void factor(float** matrix, int size, int distance, int count, int* info);
  void solve_factored(float** matrix, float** right, int size, int distance, int count);

 private:
  cudaStream_t stream_;
  cublasComputeType_t compute_;
  const DenseFunctions& functions_;
  cublasHandle_t blas_ = nullptr;
  cusolverDnHandle_t solver_ = nullptr;
  DeviceBuffer<int> info_;
};

}  // namespace tusk
