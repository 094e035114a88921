#include "train/items_of_part.hpp"

#include <numeric>

namespace tusk {

SeenItems items_of_part(const Dataset& data, std::span<const Label> label, const LabelSet& part) {
  SeenItems seen;
  seen.items = data.items.size();
  seen.offset.assign(data.offset.size(), 0);
  data.ratings().each([&](Index user, std::size_t at) {
    if (!part.test(label[at])) return;
    seen.item.push_back(data.item[at]);
    ++seen.offset[static_cast<std::size_t>(user) + 1];
  });
  std::partial_sum(seen.offset.begin(), seen.offset.end(), seen.offset.begin());
  return seen;
}

}  // namespace tusk
