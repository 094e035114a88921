// Items rounded to a byte a factor, which tell which of them may be among a user's best.
//
// A scan of all factors takes as long as memory does to deliver them; these are a quarter of that.
// With x the user's factors and q an item's, rounded to s b with integers b of -127 .. 127,
//   |<x, q> - s <x, b>| <= |x| |q - s b|
// by Cauchy and Schwarz, so scores have bounds from below and above, and only items whose upper
// bound reaches the k-th highest lower bound need to be scored.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "backend/backend.hpp"
#include "cpu/kernels.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

class ByteItems {
 public:
  ByteItems(const CpuKernels& kernels, const MfState& state, std::span<const Index> candidates,
            ThreadPool& threads);

  // Candidates, ascending, of which none that the user's k best by CpuKernels::score_panel hold is
  // missing. `excluded` is asked about some and may refuse them.
  std::vector<Index> may_be_best(std::span<const float> user, std::size_t k, ThreadPool& threads,
                                 const std::function<bool(Index)>& excluded) const;

 private:
  const CpuKernels& kernels_;
  std::size_t factors_;
  std::size_t candidates_;
  std::vector<ByteRow> rows_;      // [panels, factors]
  std::vector<float> scale_;       // [candidates]: s
  std::vector<float> bias_;        // [candidates]
  std::vector<float> error_;       // [candidates]: the most by which a score is off, over |x| ...
  std::vector<float> bias_error_;  // [candidates]: ... and whatever x is, from rounding
};

}  // namespace tusk
