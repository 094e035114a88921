// Groups of ratings in Gibbs sampling, whose biases are drawn with the vector of their row. See
// RatingGroups.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <tusk/types.hpp>

#include "algebra/normal_draws.hpp"
#include "cpu/gibbs_kernel.hpp"

namespace tusk {

// The groups of one side in the order of its rows.
struct SideGroups {
  std::span<const std::int64_t> offset;  // [rows + 1], of each row's groups; empty: there are none
  std::span<const Index> of_rating;      // kNone: in no group
  std::span<const Index> of_others;      // the other side's group of each rating; empty: has none

  bool empty() const { return offset.empty(); }
  std::size_t first(Index row) const {
    return static_cast<std::size_t>(offset[static_cast<std::size_t>(row)]);
  }
  std::size_t count(Index row) const { return first(row + 1) - first(row); }
};

// Numbers of ratings in the order of the columns. `offset`: where the columns begin.
std::vector<Index> by_column(const CsrView& ratings, std::span<const std::int64_t> offset,
                             std::span<const Index> of_rating);

// Of kLanes rows that are drawn side by side: the sum s of (z, value) over the ratings of each
// group, where z is what the row's vector x, of length d, is multiplied with; its last number is 1.
//
// Given x the bias of a group with n ratings is N(alpha rho / (tau + alpha n), 1 / (tau + alpha n))
// with rho the sum of value - <x, z>. With the biases integrated out, x has the distribution that
// it has without them but for the moments, which are less alpha / (tau + alpha n) s s'.
class GroupSums {
 public:
  GroupSums() = default;
  explicit GroupSums(int width) : width_(static_cast<std::size_t>(width)) {}

  // The lanes one after another: room for the groups of a lane's row.
  void start(int lane, std::size_t groups);
  // A rating's (z, value).
  void add(int lane, std::size_t group, const float* rating);
  // Takes the groups' part off the upper triangle of the moments, [., stride].
  void integrate_out(int lane, double alpha, double tau, float* moments, std::size_t stride) const;
  // Draws the biases of a lane given x. Returns what they add to the squared error that is computed
  // from the moments of integrate_out().
  double draw(int lane, double alpha, double tau, const LaneRow* x, NormalDraws& normal,
              float* bias) const;

 private:
  const float* sum(int lane, std::size_t group) const {
    return sums_.data() + (first_[static_cast<std::size_t>(lane)] + group) * (width_ + 1);
  }
  std::size_t groups(int lane) const { return count_[static_cast<std::size_t>(lane)]; }

  std::size_t width_ = 0;  // d
  std::vector<float> sums_;
  std::array<std::size_t, kLanes> first_{};
  std::array<std::size_t, kLanes> count_{};
};

}  // namespace tusk
