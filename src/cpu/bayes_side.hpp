// The users or the items of Gibbs sampling: their vectors and what these are drawn from.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <Eigen/Core>

#include "backend/bayes_prior.hpp"
#include "backend/bayes_session.hpp"
#include "cpu/bayes_groups.hpp"
#include "cpu/bayes_links.hpp"
#include "cpu/factor_rows.hpp"
#include "cpu/kernels.hpp"
#include "cpu/work_loop.hpp"
#include "support/philox.hpp"

namespace tusk {

class BayesSide {
 public:
  // `ratings` has a row for each vector, and so have the features, if there are any, and the
  // groups. All but the parameters is borrowed.
  BayesSide(bool of_items, const CsrView& ratings, const LinkFeatures* features,
            const SideGroups& groups, const BayesParams& params, int chain, const WorkLoop& loop,
            const CpuKernels& kernels);

  // Draws m, L, B and b given the vectors.
  // Those of both sides may be drawn at the same time, each in a loop of its own.
  void draw_prior(const WorkLoop& loop, std::uint64_t sweep);
  // Draws every vector and the biases of its groups given the others, then tau. Returns the sum of
  // the squared errors after it.
  double draw_vectors(const BayesSide& others, double alpha, std::uint64_t sweep);

  // [rows, d]
  std::vector<float> vectors() const;
  BayesPrior prior() const { return as_bayes_prior(prior_); }
  // B given the vectors, [features, d]; nothing without features.
  std::vector<float> links(std::uint64_t sweep) const;
  GroupBiases groups() const;

  // What the next sweep goes on from, and going on from that of a side of the same problem.
  BayesChainSide state() const;
  void restore(const BayesChainSide& state);

 private:
  // What a thread draws kLanes vectors with; see GibbsRows.
  struct Workspace {
    FactorRows packed;
    FactorRows gram;
    std::vector<LaneRow> mean;
    std::vector<LaneRow> moments;
    std::vector<LaneRow> noise;
    std::vector<LaneRow> scratch;
    std::vector<LaneRow> drawn;
    LaneRow squared_error;
    GroupSums groups;
  };

  std::uint64_t stream(RandomUse use, std::uint64_t row) const;
  BayesLinks::Noise noise(std::uint64_t sweep) const;
  bool is_known(Index row) const { return !ratings_.row(row).empty(); }
  template <class Visit>
  void each_known(const WorkLoop& loop, const Visit& visit) const;
  // Number f of a vector.
  float number(Index row, int f) const;
  VectorMoments vector_moments(const WorkLoop& loop) const;
  // Vectors less m, times R with L = R R'.
  FactorRows link_targets(const WorkLoop& loop) const;
  // R^-1.
  Eigen::MatrixXd inverse_root() const;
  // What a row's vector is drawn from, to a lane, and the vector from it.
  void fill_lane(const BayesSide& others, Index row, int lane, double alpha, std::uint64_t sweep,
                 Workspace& space) const;
  void take_lane(Index row, int lane, const Workspace& space);
  // (z, value) of `count` ratings from place `first` on, to the rows of `packed`.
  void pack(const BayesSide& others, std::size_t first, std::size_t count,
            FactorRows& packed) const;
  // What of a rating's value the bias of its group explains.
  float group_bias(Index group) const {
    return group == kNone ? 0 : group_bias_[static_cast<std::size_t>(group)];
  }
  double draw_groups(Index row, int lane, double alpha, std::uint64_t sweep,
                     const Workspace& space);

  bool of_items_;
  CsrView ratings_;
  SideGroups groups_;
  BayesParams params_;
  int chain_;
  const WorkLoop& loop_;
  const CpuKernels& kernels_;
  int width_;         // d: factors and the bias
  double known_ = 0;  // rows with ratings
  // What the other side is drawn given: factors, 1, and a place for the value of a rating.
  FactorRows design_;
  std::vector<float> bias_;
  std::vector<float> group_bias_;
  double bias_precision_ = kInitialBiasPrecision;  // tau
  NormalPrior prior_;
  std::optional<BayesLinks> links_;
  double link_precision_ = 1;     // b
  FactorRows linked_;             // X B
  Eigen::MatrixXd link_scatter_;  // B'B
  std::vector<Index> chunk_;      // of rows of about equal work
  std::vector<Workspace> space_;
};

}  // namespace tusk
