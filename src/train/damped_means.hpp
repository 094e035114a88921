// Damped means, of which bias models are made.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include <tusk/types.hpp>

#include "distributed/collectives.hpp"

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

  // Of several processes each adds what it has in its turn: add() calls only within `work`.
  void in_turn(Communicator* processes, const std::function<void()>& work) {
    std::vector<double> both = sum_;
    both.insert(both.end(), weight_.begin(), weight_.end());
    const auto size = static_cast<std::ptrdiff_t>(sum_.size());
    tusk::in_turn(processes, std::as_writable_bytes(std::span(both)), [&] {
      sum_.assign(both.begin(), both.begin() + size);
      weight_.assign(both.begin() + size, both.end());
      work();
      std::ranges::copy(sum_, both.begin());
      std::ranges::copy(weight_, both.begin() + size);
    });
    sum_.assign(both.begin(), both.begin() + size);
    weight_.assign(both.begin() + size, both.end());
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
