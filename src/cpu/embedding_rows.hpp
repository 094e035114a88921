// Embeddings in training by Adam: each row beside the running means of its gradients and of their
// squares.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <tusk/types.hpp>

#include "algebra/adam.hpp"
#include "model/initial_factors.hpp"
#include "support/huge_pages.hpp"

namespace tusk {

class EmbeddingRows {
 public:
  EmbeddingRows() = default;
  EmbeddingRows(Index rows, int width)
      : rows_(rows),
        width_(static_cast<std::size_t>(width)),
        values_(vector_in_huge_pages<float>(static_cast<std::size_t>(rows) * 3 * width_)) {
    values_.resize(values_.capacity());
  }

  Index rows() const { return rows_; }
  const float* row(Index r) const { return values_.data() + place(r); }

  void step(const AdamStep& step, Index r, const float* gradient) {
    float* const value = values_.data() + place(r);
    step.apply(width_, gradient, value, value + width_, value + 2 * width_);
  }

  // The first `factors` numbers of the row.
  void initialise(Index r, int factors, float init_std, std::uint64_t seed, RandomUse use) {
    float* const value = values_.data() + place(r);
    for (int f = 0; f < factors; f += 2) {
      float pair[2];
      initial_factor_pair(seed, use, static_cast<std::uint64_t>(r),
                          static_cast<std::uint64_t>(f / 2), init_std, pair);
      value[f] = pair[0];
      if (f + 1 < factors) value[f + 1] = pair[1];
    }
  }

  // The mean of the rows that `counts` names.
  std::vector<float> mean(const std::vector<bool>& counts) const {
    std::vector<double> sum(width_, 0);
    std::int64_t count = 0;
    for (Index r = 0; r < rows_; ++r) {
      if (!counts[static_cast<std::size_t>(r)]) continue;
      for (std::size_t k = 0; k < width_; ++k) sum[k] += static_cast<double>(row(r)[k]);
      ++count;
    }
    for (double& one : sum) one /= static_cast<double>(std::max<std::int64_t>(count, 1));
    return {sum.begin(), sum.end()};
  }

 private:
  std::size_t place(Index r) const { return static_cast<std::size_t>(r) * 3 * width_; }

  Index rows_ = 0;
  std::size_t width_ = 0;
  std::vector<float> values_;  // [rows, 3, width]
};

}  // namespace tusk
