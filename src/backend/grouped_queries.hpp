// Queries that share a row or a column, brought together so that its work is done once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <tusk/types.hpp>

namespace tusk {

struct GroupedQueries {
  std::vector<std::size_t> query;  // all of them, by group
  std::vector<std::size_t> begin;  // where each group begins in `query`; one more at the end

  std::span<const std::size_t> group(std::int64_t g) const {
    const auto at = static_cast<std::size_t>(g);
    return std::span(query).subspan(begin[at], begin[at + 1] - begin[at]);
  }
  std::int64_t size() const { return std::ssize(begin) - 1; }
};

// Queries are grouped by equal key; the groups with most work(key) come first, so that the threads
// that share them out end together.
template <class Work>
GroupedQueries group_queries(std::span<const Index> key, const Work& work) {
  GroupedQueries groups;
  groups.query.resize(key.size());
  std::iota(groups.query.begin(), groups.query.end(), std::size_t{0});
  std::stable_sort(groups.query.begin(), groups.query.end(), [&](std::size_t a, std::size_t b) {
    if (key[a] == key[b]) return false;
    const auto work_a = work(key[a]);
    const auto work_b = work(key[b]);
    return work_a != work_b ? work_a > work_b : key[a] < key[b];
  });
  for (std::size_t q = 0; q < key.size(); ++q) {
    if (q == 0 || key[groups.query[q]] != key[groups.query[q - 1]]) groups.begin.push_back(q);
  }
  groups.begin.push_back(key.size());
  return groups;
}

}  // namespace tusk
