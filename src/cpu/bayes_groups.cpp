#include "cpu/bayes_groups.hpp"

#include <algorithm>
#include <cmath>

namespace tusk {

std::vector<Index> by_column(const CsrView& ratings, std::span<const std::int64_t> offset,
                             std::span<const Index> of_rating) {
  std::vector<std::int64_t> next(offset.begin(), offset.end() - 1);
  std::vector<Index> ordered(of_rating.size());
  for (std::size_t at = 0; at < of_rating.size(); ++at) {
    ordered[static_cast<std::size_t>(next[static_cast<std::size_t>(ratings.column[at])]++)] =
        of_rating[at];
  }
  return ordered;
}

void GroupSums::start(int lane, std::size_t groups) {
  const auto l = static_cast<std::size_t>(lane);
  first_[l] = lane == 0 ? 0 : first_[l - 1] + count_[l - 1];
  count_[l] = groups;
  const std::size_t begin = first_[l] * (width_ + 1);
  const std::size_t end = begin + groups * (width_ + 1);
  if (sums_.size() < end) sums_.resize(end);
  std::fill(sums_.begin() + static_cast<std::ptrdiff_t>(begin),
            sums_.begin() + static_cast<std::ptrdiff_t>(end), 0.0f);
}

void GroupSums::add(int lane, std::size_t group, const float* rating) {
  float* const to = sums_.data() + (first_[static_cast<std::size_t>(lane)] + group) * (width_ + 1);
  for (std::size_t f = 0; f <= width_; ++f) to[f] += rating[f];
}

void GroupSums::integrate_out(int lane, double alpha, double tau, float* moments,
                              std::size_t stride) const {
  for (std::size_t g = 0; g < groups(lane); ++g) {
    const float* const s = sum(lane, g);
    const auto share =
        static_cast<float>(alpha / (tau + alpha * static_cast<double>(s[width_ - 1])));
    for (std::size_t i = 0; i <= width_; ++i) {
      const float own = share * s[i];
      for (std::size_t j = i; j <= width_; ++j) moments[i * stride + j] -= own * s[j];
    }
  }
}

double GroupSums::draw(int lane, double alpha, double tau, const LaneRow* x, NormalDraws& normal,
                       float* bias) const {
  double added = 0;
  for (std::size_t g = 0; g < groups(lane); ++g) {
    const float* const s = sum(lane, g);
    const auto count = static_cast<double>(s[width_ - 1]);
    auto rho = static_cast<double>(s[width_]);
    for (std::size_t f = 0; f < width_; ++f) {
      rho -= static_cast<double>(s[f]) * static_cast<double>(x[f].lane[lane]);
    }
    const double precision = tau + alpha * count;
    bias[g] = static_cast<float>(alpha * rho / precision + normal.next() / std::sqrt(precision));
    const auto drawn = static_cast<double>(bias[g]);
    added += alpha / precision * rho * rho - 2 * drawn * rho + count * drawn * drawn;
  }
  return added;
}

}  // namespace tusk
