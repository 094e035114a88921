#include "evaluation/negatives.hpp"

#include <algorithm>
#include <set>

namespace tusk {

std::vector<Index> draw_negatives(std::span<const Index> catalogue, std::span<const Index> excluded,
                                  int count, RandomSequence& random) {
  // Numbers of items among those that are not excluded, in Floyd's way (Bentley, Floyd: "A Sample
  // of Brilliance", 1987), whose time depends on how many are drawn and not on how many there are.
  const auto pool = static_cast<Index>(catalogue.size() - excluded.size());
  std::set<Index> drawn;
  for (Index last = pool - std::min<Index>(count, pool); last < pool; ++last) {
    const auto number = static_cast<Index>(random.below(static_cast<std::uint32_t>(last) + 1));
    if (!drawn.insert(number).second) drawn.insert(last);
  }
  std::vector<Index> items;
  items.reserve(drawn.size());
  std::size_t before = 0;  // excluded items that come before the one that is looked for
  const auto place = [&](std::size_t e) {
    return std::lower_bound(catalogue.begin(), catalogue.end(), excluded[e]) - catalogue.begin();
  };
  for (const Index number : drawn) {
    while (before < excluded.size() &&
           place(before) <= static_cast<std::ptrdiff_t>(before) + number) {
      ++before;
    }
    items.push_back(catalogue[before + static_cast<std::size_t>(number)]);
  }
  return items;
}

}  // namespace tusk
