// The linear map from the features of users or items to the means of their vectors, in Gibbs
// sampling.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <Eigen/Core>

#include <tusk/types.hpp>

#include "cpu/factor_rows.hpp"
#include "cpu/kernels.hpp"
#include "cpu/link_features.hpp"
#include "cpu/work_loop.hpp"
#include "support/philox.hpp"

namespace tusk {

// The links B of one chain, or what is drawn of them. All is in units in which L is the identity:
// vectors less m are multiplied by R, with L = R R', and means and links by R^-1 afterwards.
class BayesLinks {
 public:
  // Writes standard normal noise, as many numbers as a vector has.
  using Noise = std::function<void(RandomUse use, Index row, double* out)>;

  // All is borrowed. A vector has `width` numbers.
  BayesLinks(const LinkFeatures& features, int width, const CpuKernels& kernels);

  Index columns() const { return features_.all().columns; }
  // B'B of the last draw.
  const Eigen::MatrixXd& scatter() const { return scatter_; }

  // Draws b, from the one before it, and B given the vectors less m, [rows, width] with 0 for rows
  // that are not known. Changes these, writes X B of all rows to `means`, and returns b.
  double draw(const WorkLoop& loop, double precision, FactorRows& vectors, RandomSequence& random,
              const Noise& noise, FactorRows& means);

  // B, [columns, width]: of the last draw where that has all of it, otherwise drawn given the
  // vectors less m, which are changed.
  FactorRows links(const WorkLoop& loop, double precision, FactorRows& vectors,
                   const Noise& noise) const;

  static std::uint64_t bytes(const CsrView& features, int width);

 private:
  // Whether no more than X B and B'B is drawn: B would be larger, and only rows that are not known
  // would need it.
  bool is_implicit() const { return features_.is_dual() && features_.only_known(); }
  // As links(), where XX' is decomposed.
  FactorRows draw_dual(const WorkLoop& loop, double precision, FactorRows& vectors,
                       const Noise& noise, RandomUse use) const;
  // B by conjugate gradients, and b given B.
  double draw_iteratively(const WorkLoop& loop, double precision, FactorRows& vectors,
                          RandomSequence& random, const Noise& noise);
  // (X'X + b I)^-1 right.
  FactorRows solve_iteratively(const WorkLoop& loop, double precision,
                               const FactorRows& right) const;
  // Rows first .. first + count - 1 of noise.
  std::vector<double> rows_of(const WorkLoop& loop, const Noise& noise, RandomUse use, Index first,
                              Index count) const;
  // to = X from, or X' from; `add` for to += sign * X from.
  void multiply(const WorkLoop& loop, const CsrView& matrix, const FactorRows& from, FactorRows& to,
                float sign, bool add) const;
  // Q from, or Q' from.
  FactorRows multiply_basis(const WorkLoop& loop, bool transposed, const FactorRows& from) const;
  // The products of the columns of a and b.
  std::vector<double> column_products(const WorkLoop& loop, const FactorRows& a,
                                      const FactorRows& b) const;
  template <class Task>
  void each_column(const WorkLoop& loop, const Task& task) const;

  const LinkFeatures& features_;
  int width_;
  const CpuKernels& kernels_;
  FactorRows links_;  // empty where they are implicit
  Eigen::MatrixXd scatter_;
};

}  // namespace tusk
