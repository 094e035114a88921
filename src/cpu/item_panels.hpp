// The items that a top-K session chooses from, laid out for CpuKernels::score_panel.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "backend/backend.hpp"
#include "cpu/kernels.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

// Panel p holds candidates p * kPanelItems and on. What is missing from the last panel has bias
// -infinity, which passes no threshold. A copy: (factors + 1) floats a candidate.
class ItemPanels {
 public:
  ItemPanels(const MfState& state, std::span<const Index> candidates, ThreadPool& threads);
  // The same by one thread.
  ItemPanels(const MfState& state, std::span<const Index> candidates);

  std::size_t size() const { return bias_.size(); }
  const PanelRow& bias(std::size_t panel) const { return bias_[panel]; }
  const PanelRow* items(std::size_t panel) const { return items_.data() + panel * factors_; }

 private:
  void fill(const MfState& state, std::span<const Index> candidates, std::size_t panel);

  std::size_t factors_;
  std::vector<PanelRow> bias_;   // [panels]
  std::vector<PanelRow> items_;  // [panels, factors]
};

}  // namespace tusk
