#include "models/content/sparse_neighbours.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <utility>

#include "backend/padded_lists.hpp"
#include "cpu/nearest.hpp"

namespace tusk {
namespace {

constexpr std::size_t kLanes = 16;         // queries at a time
constexpr std::size_t kRowsAtOnce = 4096;  // whose sums stay in a core's cache
constexpr std::size_t kQueriesOfTask = 16 * kLanes;

std::size_t as_size(Index index) { return static_cast<std::size_t>(index); }

// By column, how many have more entries.
std::vector<Index> fullest_first(const std::vector<std::int64_t>& offset) {
  std::vector<Index> columns(offset.size() - 1);
  std::iota(columns.begin(), columns.end(), 0);
  std::stable_sort(columns.begin(), columns.end(), [&](Index a, Index b) {
    return offset[as_size(a) + 1] - offset[as_size(a)] >
           offset[as_size(b) + 1] - offset[as_size(b)];
  });
  std::vector<Index> number(columns.size());
  for (std::size_t n = 0; n < columns.size(); ++n)
    number[as_size(columns[n])] = static_cast<Index>(n);
  return number;
}

// Where each row is if rows are sorted by their fullest column, then the next, ...
std::vector<Index> grouped_rows(const CsrView& matrix, const std::vector<Index>& number) {
  std::vector<Index> key;
  for (const Index column : matrix.column) key.push_back(number[as_size(column)]);
  const auto key_of = [&](Index row) {
    return std::span(key).subspan(static_cast<std::size_t>(matrix.offset[as_size(row)]),
                                  matrix.row(row).size());
  };
  std::vector<Index> rows(as_size(matrix.rows()));
  std::iota(rows.begin(), rows.end(), 0);
  for (const Index row : rows) std::ranges::sort(key_of(row));
  std::stable_sort(rows.begin(), rows.end(), [&](Index a, Index b) {
    return std::ranges::lexicographical_compare(key_of(a), key_of(b));
  });
  std::vector<Index> group(rows.size());
  for (std::size_t n = 0; n < rows.size(); ++n) group[as_size(rows[n])] = static_cast<Index>(n);
  return group;
}

}  // namespace

// A column that a group of queries has, and the next of its rows.
struct SparseNeighbours::Shared {
  Index column = 0;
  std::int64_t next = 0;
  std::int64_t end = 0;
  std::array<float, kLanes> value{};  // of each query
};

struct SparseNeighbours::Group {
  std::span<const std::size_t> queries;  // at most kLanes
  std::vector<Index> row;                // of each
  std::vector<Shared> shared;
  std::vector<std::array<float, kLanes>> sums;  // of some rows with each
  std::array<float, kLanes> least{};            // what a product must be above
  std::array<NearestHeap, kLanes> nearest;
};

SparseNeighbours::SparseNeighbours(Backend& backend, const CsrView& matrix,
                                   std::vector<Index> order)
    : backend_(backend), matrix_(matrix), order_(std::move(order)) {
  offset_.assign(as_size(matrix.columns) + 1, 0);
  for (const Index column : matrix.column) ++offset_[as_size(column) + 1];
  std::partial_sum(offset_.begin(), offset_.end(), offset_.begin());
  place_.resize(matrix.column.size());
  value_.resize(matrix.column.size());
  std::vector<std::int64_t> next(offset_.begin(), offset_.end() - 1);
  for (std::size_t place = 0; place < order_.size(); ++place) {
    auto entry = static_cast<std::size_t>(matrix.offset[as_size(order_[place])]);
    for (const Index column : matrix.row(order_[place])) {
      const auto to = static_cast<std::size_t>(next[as_size(column)]++);
      place_[to] = static_cast<Index>(place);
      value_[to] = matrix.value[entry++];
    }
  }
  group_ = grouped_rows(matrix, fullest_first(offset_));
}

TopK SparseNeighbours::query(std::span<const Index> rows, int k) {
  TopK top = padded_lists(rows.size(), k);
  std::vector<std::size_t> queries(rows.size());
  std::iota(queries.begin(), queries.end(), std::size_t{0});
  std::sort(queries.begin(), queries.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(group_[as_size(rows[a])], a) < std::pair(group_[as_size(rows[b])], b);
  });
  const auto tasks =
      static_cast<std::int64_t>((queries.size() + kQueriesOfTask - 1) / kQueriesOfTask);
  backend_.parallel_for(tasks, [&](std::int64_t task) {
    Group group;
    const auto begin = static_cast<std::size_t>(task) * kQueriesOfTask;
    const auto end = std::min(begin + kQueriesOfTask, queries.size());
    for (std::size_t first = begin; first < end; first += kLanes) {
      backend_.check_stop();
      group.queries = std::span(queries).subspan(first, std::min(kLanes, end - first));
      group.row.clear();
      for (const std::size_t query : group.queries) group.row.push_back(rows[query]);
      answer(group, top);
    }
  });
  return top;
}

void SparseNeighbours::answer(Group& group, TopK& top) const {
  find_shared(group);
  group.least.fill(std::numeric_limits<float>::infinity());
  for (std::size_t l = 0; l < group.row.size(); ++l) {
    group.nearest[l].start(static_cast<std::size_t>(top.k));
    group.least[l] = 0;
  }
  for (std::size_t begin = 0; begin < order_.size(); begin += kRowsAtOnce) {
    const std::size_t end = std::min(begin + kRowsAtOnce, order_.size());
    add_products(group, begin, end);
    offer(group, begin, end);
  }
  for (std::size_t l = 0; l < group.row.size(); ++l) {
    std::size_t to = group.queries[l] * static_cast<std::size_t>(top.k);
    for (const Neighbour& neighbour : group.nearest[l].finish()) {
      top.index[to] = order_[as_size(neighbour.row)];
      // Rounded, a cosine may be above 1.
      top.score[to++] = std::min(static_cast<float>(neighbour.similarity), 1.0f);
    }
  }
}

// The columns that the rows have, ascending.
void SparseNeighbours::find_shared(Group& group) const {
  std::vector<Shared>& shared = group.shared;
  shared.clear();
  for (std::size_t l = 0; l < group.row.size(); ++l) {
    auto entry = static_cast<std::size_t>(matrix_.offset[as_size(group.row[l])]);
    for (const Index column : matrix_.row(group.row[l])) {
      Shared& own = shared.emplace_back();
      own.column = column;
      own.next = offset_[as_size(column)];
      own.end = offset_[as_size(column) + 1];
      own.value[l] = matrix_.value[entry++];
    }
  }
  std::sort(shared.begin(), shared.end(),
            [](const Shared& a, const Shared& b) { return a.column < b.column; });
  std::size_t columns = 0;
  for (const Shared& one : shared) {
    if (columns == 0 || shared[columns - 1].column != one.column) {
      shared[columns++] = one;
    } else {
      for (std::size_t l = 0; l < kLanes; ++l) shared[columns - 1].value[l] += one.value[l];
    }
  }
  shared.resize(columns);
}

// The products of the group's rows with those from one place to before another.
void SparseNeighbours::add_products(Group& group, std::size_t begin, std::size_t end) const {
  group.sums.assign(end - begin, {});
  for (Shared& column : group.shared) {
    const auto value = column.value;
    std::int64_t next = column.next;
    for (; next < column.end; ++next) {
      const auto entry = static_cast<std::size_t>(next);
      const std::size_t place = as_size(place_[entry]);
      if (place >= end) break;
      const float own = value_[entry];
      auto& sum = group.sums[place - begin];
      for (std::size_t l = 0; l < kLanes; ++l) sum[l] += value[l] * own;
    }
    column.next = next;
  }
}

void SparseNeighbours::offer(Group& group, std::size_t begin, std::size_t end) const {
  auto least = group.least;
  for (std::size_t place = begin; place < end; ++place) {
    const auto& sum = group.sums[place - begin];
    float most = sum[0] - least[0];
    for (std::size_t l = 1; l < kLanes; ++l) most = std::max(most, sum[l] - least[l]);
    if (!(most > 0)) continue;
    for (std::size_t l = 0; l < group.row.size(); ++l) {
      if (!(sum[l] > least[l]) || order_[place] == group.row[l]) continue;
      group.nearest[l].offer({static_cast<double>(sum[l]), static_cast<Index>(place), 0});
      least[l] = static_cast<float>(group.nearest[l].least());
    }
  }
  group.least = least;
}

}  // namespace tusk
