// Damped means, of which bias models are made.
#pragma once

#include <cstddef>
#include <vector>

#include <tusk/types.hpp>

namespace tusk {

// For each user or item, the sum of its residuals over their count plus the damping.
class DampedMeans {
 public:
  DampedMeans(Index size, double damping)
      : sum_(static_cast<std::size_t>(size), 0), weight_(static_cast<std::size_t>(size), damping) {}

  void add(std::size_t i, double residual) {
    sum_[i] += residual;
    weight_[i] += 1;
  }

  // 0 where there is nothing to divide by.
  std::vector<double> means() const {
    std::vector<double> mean(sum_.size(), 0);
    for (std::size_t i = 0; i < mean.size(); ++i) {
      if (weight_[i] > 0) mean[i] = sum_[i] / weight_[i];
    }
    return mean;
  }

 private:
  std::vector<double> sum_;
  std::vector<double> weight_;
};

}  // namespace tusk
