#include "train/items_of_part.hpp"

#include <numeric>

#include "distributed/collectives.hpp"

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
  sum_of_all(data.processes.get(), seen.offset);
  std::partial_sum(seen.offset.begin(), seen.offset.end(), seen.offset.begin());
  append_on_first(data.processes.get(), seen.item);
  return seen;
}

std::vector<float> ratings_of_part(const Dataset& data, std::span<const Label> label,
                                   const LabelSet& part) {
  std::vector<float> ratings;
  for (std::size_t at = 0; at < data.rating.size(); ++at) {
    if (part.test(label[at])) ratings.push_back(data.rating[at]);
  }
  return ratings;
}

}  // namespace tusk
