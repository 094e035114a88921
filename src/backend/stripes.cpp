#include "backend/stripes.hpp"

#include <algorithm>
#include <numeric>

namespace tusk {

Stripes balance_stripes(const std::vector<std::int64_t>& count, int stripes) {
  std::vector<std::size_t> order(count.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return count[a] > count[b]; });
  std::vector<std::int64_t> load(static_cast<std::size_t>(stripes), 0);
  std::vector<Index> next(static_cast<std::size_t>(stripes) + 1, 0);
  Stripes divided{std::vector<int>(count.size()), std::vector<Index>(count.size()), {}};
  for (const std::size_t user : order) {
    const auto least = std::min_element(load.begin(), load.end());
    divided.stripe[user] = static_cast<int>(least - load.begin());
    *least += count[user];
    ++next[static_cast<std::size_t>(divided.stripe[user]) + 1];
  }
  std::partial_sum(next.begin(), next.end(), next.begin());
  divided.first = next;
  for (const std::size_t user : order) {
    divided.row[user] = next[static_cast<std::size_t>(divided.stripe[user])]++;
  }
  return divided;
}

std::vector<Index> ids_of_rows(std::span<const Index> row) {
  std::vector<Index> id(row.size());
  for (std::size_t r = 0; r < row.size(); ++r) {
    id[static_cast<std::size_t>(row[r])] = static_cast<Index>(r);
  }
  return id;
}

}  // namespace tusk
