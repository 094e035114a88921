// Products of dense matrices: by OpenBLAS where the machine has it, else by Eigen.
#pragma once

#include <string>

namespace tusk {

// c = beta c + alpha a b', of matrices in rows: c is [rows, columns], a [rows, depth], b [columns,
// depth]; `lda`, `ldb`, `ldc` are the distances between their rows. c must not overlap a or b. With
// beta 0 nothing of c is read. Runs on the calling thread alone; equal arguments give equal bits.
template <class T>
using MatrixProduct = void (*)(int rows, int columns, int depth, T alpha, const T* a, int lda,
                               const T* b, int ldb, T beta, T* c, int ldc);

struct MatrixProducts {
  std::string name;  // "OpenBLAS", "Eigen"
  MatrixProduct<float> f32;
  MatrixProduct<double> f64;

  MatrixProduct<float> of(float) const { return f32; }
  MatrixProduct<double> of(double) const { return f64; }
};

const MatrixProducts& eigen_products();

// Null where the library cannot be loaded. Loading it sets the number of its threads to one, for
// all that the program does with it.
const MatrixProducts* openblas_products();

// The faster of them.
const MatrixProducts& matrix_products();

}  // namespace tusk
