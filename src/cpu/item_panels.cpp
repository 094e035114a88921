#include "cpu/item_panels.hpp"

#include <algorithm>
#include <limits>

#include "support/huge_pages.hpp"

namespace tusk {

ItemPanels::ItemPanels(const MfState& state, std::span<const Index> candidates, ThreadPool& threads)
    : factors_(static_cast<std::size_t>(state.factors)) {
  const std::size_t panels = (candidates.size() + kPanelItems - 1) / kPanelItems;
  bias_.resize(panels);
  items_ = vector_in_huge_pages<PanelRow>(panels * factors_);
  items_.resize(panels * factors_);
  threads.parallel_for(static_cast<std::int64_t>(panels), [&](std::int64_t panel, int) {
    fill(state, candidates, static_cast<std::size_t>(panel));
  });
}

ItemPanels::ItemPanels(const MfState& state, std::span<const Index> candidates)
    : factors_(static_cast<std::size_t>(state.factors)) {
  const std::size_t panels = (candidates.size() + kPanelItems - 1) / kPanelItems;
  bias_.resize(panels);
  items_.resize(panels * factors_);
  for (std::size_t panel = 0; panel < panels; ++panel) fill(state, candidates, panel);
}

void ItemPanels::fill(const MfState& state, std::span<const Index> candidates, std::size_t panel) {
  std::fill_n(bias_[panel].item, kPanelItems, -std::numeric_limits<float>::infinity());
  const std::size_t first = panel * kPanelItems;
  const std::size_t count = std::min<std::size_t>(kPanelItems, candidates.size() - first);
  for (std::size_t lane = 0; lane < count; ++lane) {
    const auto item = static_cast<std::size_t>(candidates[first + lane]);
    bias_[panel].item[lane] = state.biased ? state.item_bias[item] : 0;
    for (std::size_t f = 0; f < factors_; ++f) {
      items_[panel * factors_ + f].item[lane] = state.item_factors[item * factors_ + f];
    }
  }
}

}  // namespace tusk
