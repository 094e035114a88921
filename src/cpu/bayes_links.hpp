// The linear map from the features of users or items to the means of their vectors, in Gibbs
// sampling.
#pragma once

#include <functional>
#include <vector>

#include <tusk/types.hpp>

#include "cpu/factor_rows.hpp"
#include "cpu/kernels.hpp"
#include "model/transposed.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

// X, the features of rows, of which those that are not known count as empty when B is drawn. With
// either side of X small, systems of X'X + b I are solved by a decomposition of the smaller of X'X
// and XX' that is computed once,
//   XX' = Q T Q' with T tridiagonal, so that (XX' + b I)^-1 = Q (T + b I)^-1 Q',
// and otherwise by conjugate gradients.
class BayesLinks {
 public:
  // Features and pool are borrowed. A vector has `width` numbers.
  BayesLinks(const CsrView& features, const std::vector<bool>& known, int width,
             ThreadPool& threads, const CpuKernels& kernels);

  Index columns() const { return features_.columns; }
  // B, [columns, width].
  const FactorRows& links() const { return links_; }
  // X B of all rows.
  const FactorRows& means() const { return means_; }

  // With W the vectors less m, plus noise, and E2 noise, both with rows N(0, L^-1),
  //   B = (X'X + b I)^-1 (X' W + sqrt(b) E2),
  // which is a draw of B given all else. `target` is W, with 0 for rows that are not known, and is
  // changed; `noise` writes row r of E2.
  void draw(double precision, FactorRows& target,
            const std::function<void(Index row, float* out)>& noise);

  static std::uint64_t bytes(const CsrView& features, int width);

 private:
  // to = X from, or X' from; `add` for to += sign * X from.
  void multiply(const CsrView& matrix, const FactorRows& from, FactorRows& to, float sign,
                bool add) const;
  void decompose();
  // rows = (K + b I)^-1 rows for the decomposed K.
  void solve_dense(double precision, FactorRows& rows);
  void multiply_basis(bool transposed, const FactorRows& from, FactorRows& to) const;
  // B from a right side, by conjugate gradients from B.
  void solve_iteratively(double precision, const FactorRows& right);
  // The products of the columns of a and b.
  std::vector<double> column_products(const FactorRows& a, const FactorRows& b) const;

  CsrView features_;
  SparseMatrixOf known_;
  Transposed transposed_;  // of known_
  int width_;
  ThreadPool& threads_;
  const CpuKernels& kernels_;
  bool dual_ = false;   // K = XX', else X'X
  Index size_ = 0;      // of K; 0: conjugate gradients
  std::vector<float> basis_;  // Q, [size, size]
  std::vector<double> diagonal_;
  std::vector<double> beside_;  // of T: its diagonal, and what is beside it
  FactorRows links_;
  FactorRows means_;
  FactorRows work_;
};

}  // namespace tusk
