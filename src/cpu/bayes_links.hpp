// The linear map from the features of users or items to the means of their vectors, in Gibbs
// sampling.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <Eigen/Core>

#include <tusk/types.hpp>

#include "cpu/factor_rows.hpp"
#include "cpu/kernels.hpp"
#include "cpu/work_loop.hpp"
#include "model/transposed.hpp"
#include "support/philox.hpp"

namespace tusk {

// X, the features of rows, of which those that are not known count as empty when B is drawn; shared
// by chains. Where either side of X is small, systems of X'X + b I are solved by a decomposition of
// the smaller of X'X and XX' that is computed once,
//   XX' = Q T Q' with T tridiagonal, so that (XX' + b I)^-1 = Q (T + b I)^-1 Q',
// and otherwise by conjugate gradients.
class LinkFeatures {
 public:
  // A larger matrix is not decomposed: it takes minutes.
  static constexpr Index kMostDense = 4096;

  // Features are borrowed.
  LinkFeatures(const CsrView& features, const std::vector<bool>& known, const WorkLoop& loop,
               Index most_dense = kMostDense);

  // The part of the work that runs on one thread. To be called once.
  void decompose();

  CsrView all() const { return features_; }
  CsrView known() const { return known_.view(); }
  CsrView transposed() const { return transposed_.view(); }
  bool is_dual() const { return dual_; }                // whether XX' is decomposed, and not X'X
  Index size() const { return size_; }                  // of what is decomposed; 0: neither is
  const float* basis() const { return basis_.data(); }  // Q, [size, size]
  // T: its diagonal, and what is beside it.
  std::span<const double> diagonal() const { return diagonal_; }
  std::span<const double> beside() const { return beside_; }

  static std::uint64_t bytes(const CsrView& features);

 private:
  CsrView features_;
  SparseMatrixOf known_;
  Transposed transposed_;
  bool dual_;
  Index size_ = 0;
  std::vector<double> gram_;
  std::vector<float> basis_;
  std::vector<double> diagonal_;
  std::vector<double> beside_;
};

// B of one chain.
class BayesLinks {
 public:
  // All is borrowed. A vector has `width` numbers.
  BayesLinks(const LinkFeatures& features, int width, const WorkLoop& loop,
             const CpuKernels& kernels);

  Index columns() const { return features_.all().columns; }
  // B, [columns, width].
  const FactorRows& links() const { return links_; }
  // X B of all rows.
  const FactorRows& means() const { return means_; }
  // Sets B, [columns, width].
  void restore(std::span<const float> links);

  // With W the vectors less m, plus noise, and E2 noise, both with rows N(0, L^-1),
  //   B = (X'X + b I)^-1 (X' W + sqrt(b) E2),
  // which is a draw of B given all else. `target` is W, with 0 for rows that are not known, and is
  // changed; `noise` writes row r of E2.
  void draw(double precision, FactorRows& target,
            const std::function<void(Index row, float* out)>& noise);

  // Draws b given the vectors less m, [rows, width] with 0 for rows that are not known, but not
  // given B: of B's many numbers each tells little of b, which would hardly move from where it is.
  // With L = root root' the columns of target * root are independent and N(0, I + XX' / b). By
  // slice sampling of log b (Neal: "Slice Sampling", 2003). Only where X'X or XX' is decomposed.
  bool draws_precision() const { return features_.size() > 0; }
  double draw_precision(double precision, const FactorRows& target, const Eigen::MatrixXd& root,
                        RandomSequence& random);

  static std::uint64_t bytes(const CsrView& features, int width);

 private:
  // The logarithm of the density of log b, but for a constant. `rotated` is Q' target root, or
  // Q' X' target root.
  double log_density(double precision, const std::vector<double>& rotated) const;
  // to = X from, or X' from; `add` for to += sign * X from.
  void multiply(const CsrView& matrix, const FactorRows& from, FactorRows& to, float sign,
                bool add) const;
  // rows = (K + b I)^-1 rows for the decomposed K.
  void solve_dense(double precision, FactorRows& rows);
  void multiply_basis(bool transposed, const FactorRows& from, FactorRows& to) const;
  // B from a right side, by conjugate gradients from B.
  void solve_iteratively(double precision, const FactorRows& right);
  // The products of the columns of a and b.
  std::vector<double> column_products(const FactorRows& a, const FactorRows& b) const;
  template <class Task>
  void each_column(const Task& task) const;

  const LinkFeatures& features_;
  int width_;
  const WorkLoop& loop_;
  const CpuKernels& kernels_;
  FactorRows links_;
  FactorRows means_;
  FactorRows work_;
};

}  // namespace tusk
