// The users or the items of Gibbs sampling: their vectors and what these are drawn from.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <Eigen/Core>

#include "backend/bayes_session.hpp"
#include "cpu/bayes_links.hpp"
#include "cpu/factor_rows.hpp"
#include "cpu/kernels.hpp"
#include "cpu/work_loop.hpp"
#include "support/philox.hpp"

namespace tusk {

class BayesSide {
 public:
  // `ratings` has a row for each vector, and so have the features, if there are any. All but the
  // parameters is borrowed.
  BayesSide(bool of_items, const CsrView& ratings, const LinkFeatures* features,
            const BayesParams& params, int chain, const WorkLoop& loop, const CpuKernels& kernels);

  // Draws m, L, B and b given the vectors.
  void draw_prior(std::uint64_t sweep);
  // Draws every vector given the others. Returns the sum of the squared errors after it.
  double draw_vectors(const BayesSide& others, double alpha, std::uint64_t sweep);

  // [rows, d]
  std::vector<float> vectors() const;
  BayesPrior prior() const;
  double link_precision() const { return link_precision_; }

  // As vectors(), prior() and link_precision() of a side with the same ratings and features.
  void restore(const std::vector<float>& vectors, const BayesPrior& prior, double link_precision);

 private:
  // What a thread draws a vector with.
  struct Workspace {
    FactorRows packed;
    FactorRows gram;
    std::vector<double> matrix;
    std::vector<double> right;
  };

  std::uint64_t stream(RandomUse use, std::uint64_t row) const;
  bool is_known(Index row) const { return !ratings_.row(row).empty(); }
  // A row of noise ~ N(0, L^-1).
  void draw_noise(RandomUse use, Index row, std::uint64_t sweep, float* out) const;
  // The sum over the rows of `from` of the products of their numbers.
  Eigen::MatrixXd scatter(const FactorRows& from, Index rows) const;
  double draw_vector(const BayesSide& others, Index row, double alpha, std::uint64_t sweep,
                     Workspace& space);

  bool of_items_;
  CsrView ratings_;
  BayesParams params_;
  int chain_;
  const WorkLoop& loop_;
  const CpuKernels& kernels_;
  int width_;         // d: factors and the bias
  double known_ = 0;  // rows with ratings
  // What the other side is drawn given: factors, 1, and a place for the value of a rating.
  FactorRows design_;
  std::vector<float> bias_;
  Eigen::VectorXd mean_;       // m
  Eigen::MatrixXd precision_;  // L
  Eigen::MatrixXd root_;       // its lower triangle
  double link_precision_ = 1;  // b
  std::optional<BayesLinks> links_;
  FactorRows residual_;       // scratch, [rows, d]
  std::vector<Index> chunk_;  // of rows of about equal work
  std::vector<Workspace> space_;
};

}  // namespace tusk
