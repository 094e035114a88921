#include "cpu/byte_items.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tusk {
namespace {

constexpr float kLargest = 127;

// More than a double that was computed from floats can be off by when it becomes a float.
float rounded_up(double value) { return static_cast<float>(value * (1 + 1e-6)); }

}  // namespace

ByteItems::ByteItems(const CpuKernels& kernels, const MfState& state,
                     std::span<const Index> candidates, ThreadPool& threads)
    : kernels_(kernels),
      factors_(static_cast<std::size_t>(state.factors)),
      candidates_(candidates.size()),
      scale_(candidates_),
      bias_(candidates_),
      error_(candidates_),
      bias_error_(candidates_) {
  const std::size_t panels = (candidates_ + kPanelItems - 1) / kPanelItems;
  rows_.resize(panels * factors_);
  // What sums of factors_ products and a few more terms lose in two orders of addition, of the sum
  // of the terms' magnitudes.
  const double rounding = 2 * static_cast<double>(factors_ + 8) *
                          static_cast<double>(std::numeric_limits<float>::epsilon());
  threads.parallel_for(static_cast<std::int64_t>(panels), [&](std::int64_t p, int) {
    const std::size_t first = static_cast<std::size_t>(p) * kPanelItems;
    const std::size_t end = std::min<std::size_t>(first + kPanelItems, candidates_);
    for (std::size_t c = first; c < end; ++c) {
      const auto item = static_cast<std::size_t>(candidates[c]);
      const float* const factor = state.item_factors.data() + item * factors_;
      float largest = 0;
      for (std::size_t f = 0; f < factors_; ++f) largest = std::max(largest, std::abs(factor[f]));
      const float scale = largest / kLargest;
      double off = 0;
      double length = 0;
      for (std::size_t f = 0; f < factors_; ++f) {
        const float byte =
            scale > 0 ? std::clamp(std::round(factor[f] / scale), -kLargest, kLargest) : 0.0f;
        rows_[static_cast<std::size_t>(p) * factors_ + f].item[c - first] =
            static_cast<signed char>(byte);
        const double left = static_cast<double>(factor[f]) - static_cast<double>(scale) * byte;
        off += left * left;
        length += static_cast<double>(factor[f]) * factor[f];
      }
      scale_[c] = scale;
      bias_[c] = state.biased ? state.item_bias[item] : 0;
      error_[c] = rounded_up(std::sqrt(off) + rounding * (std::sqrt(length) + std::sqrt(off)));
      bias_error_[c] = rounded_up(rounding * std::abs(static_cast<double>(bias_[c])));
    }
  });
}

std::vector<Index> ByteItems::may_be_best(std::span<const float> user, std::size_t k,
                                          ThreadPool& threads,
                                          const std::function<bool(Index)>& excluded) const {
  constexpr std::size_t kPanelsAtOnce = 64;
  const std::size_t panels = rows_.size() / factors_;
  double squares = 0;
  for (const float value : user) squares += static_cast<double>(value) * value;
  const float length = rounded_up(std::sqrt(squares));
  std::vector<float> score(panels * kPanelItems);
  threads.parallel_for(chunk_count(static_cast<std::int64_t>(panels), kPanelsAtOnce),
                       [&](std::int64_t chunk, int) {
                         const std::size_t first = static_cast<std::size_t>(chunk) * kPanelsAtOnce;
                         const std::size_t end = std::min(first + kPanelsAtOnce, panels);
                         kernels_.score_bytes(rows_.data() + first * factors_, user.data(),
                                              static_cast<int>(factors_), end - first,
                                              score.data() + first * kPanelItems);
                       });
  std::vector<float> lower;  // a heap of the k highest lower bounds, the lowest on top
  float least = -std::numeric_limits<float>::infinity();
  std::vector<Index> kept;
  std::vector<float> upper;
  for (std::size_t c = 0; c < candidates_; ++c) {
    const float middle = bias_[c] + scale_[c] * score[c];
    const float margin = length * error_[c] + bias_error_[c];
    if (middle + margin < least || excluded(static_cast<Index>(c))) continue;
    kept.push_back(static_cast<Index>(c));
    upper.push_back(middle + margin);
    if (lower.size() == k && !(middle - margin > least)) continue;
    lower.push_back(middle - margin);
    std::push_heap(lower.begin(), lower.end(), std::greater<>());
    if (lower.size() > k) {
      std::pop_heap(lower.begin(), lower.end(), std::greater<>());
      lower.pop_back();
    }
    if (lower.size() == k) least = lower.front();
  }
  std::size_t count = 0;
  for (std::size_t n = 0; n < kept.size(); ++n) {
    if (!(upper[n] < least)) kept[count++] = kept[n];
  }
  kept.resize(count);
  return kept;
}

}  // namespace tusk
