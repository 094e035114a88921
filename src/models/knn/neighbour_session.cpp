#include "models/knn/neighbour_session.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

namespace tusk {
namespace {

std::vector<Index> first_numbers(Index count) {
  std::vector<Index> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

// Rows with more entries first.
std::vector<Index> largest_first(const CsrView& matrix) {
  std::vector<Index> order = first_numbers(matrix.rows());
  std::stable_sort(order.begin(), order.end(),
                   [&](Index a, Index b) { return matrix.row(a).size() > matrix.row(b).size(); });
  return order;
}

// The same; of equally many by their columns, and then their values, as words are in a dictionary.
std::vector<Index> by_content(const CsrView& matrix) {
  const auto values = [&](Index row) {
    const auto begin = static_cast<std::size_t>(matrix.offset[static_cast<std::size_t>(row)]);
    return matrix.value.subspan(begin, matrix.row(row).size());
  };
  std::vector<Index> order = first_numbers(matrix.rows());
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    const auto of_a = matrix.row(a);
    const auto of_b = matrix.row(b);
    if (of_a.size() != of_b.size()) return of_a.size() > of_b.size();
    const auto differ = std::mismatch(of_a.begin(), of_a.end(), of_b.begin());
    if (differ.first != of_a.end()) return *differ.first < *differ.second;
    return std::ranges::lexicographical_compare(values(a), values(b));
  });
  return order;
}

std::vector<Index> inverse(std::span<const Index> order) {
  std::vector<Index> number(order.size());
  for (std::size_t place = 0; place < order.size(); ++place) {
    number[static_cast<std::size_t>(order[place])] = static_cast<Index>(place);
  }
  return number;
}

// A sparse matrix that owns its memory, with a deviation for each entry if there are any.
struct Entries {
  std::vector<std::int64_t> offset;
  std::vector<Index> column;
  std::vector<float> value;
  std::vector<float> deviation;
  Index columns = 0;

  CsrView view() const { return {offset, column, value, columns}; }
};

// The transpose of a matrix whose rows are taken in `order`. Column c becomes row number[c].
Entries transposed(const CsrView& matrix, std::span<const float> deviation,
                   std::span<const Index> order, std::span<const Index> number) {
  Entries entries;
  entries.columns = matrix.rows();
  entries.offset.assign(number.size() + 1, 0);
  const auto row_of = [&](std::size_t at) {
    return static_cast<std::size_t>(number[static_cast<std::size_t>(matrix.column[at])]);
  };
  for (std::size_t at = 0; at < matrix.column.size(); ++at) ++entries.offset[row_of(at) + 1];
  std::partial_sum(entries.offset.begin(), entries.offset.end(), entries.offset.begin());
  std::vector<std::int64_t> next(entries.offset.begin(), entries.offset.end() - 1);
  entries.column.resize(matrix.column.size());
  entries.value.resize(matrix.column.size());
  entries.deviation.resize(deviation.size());
  for (std::size_t place = 0; place < order.size(); ++place) {
    const auto row = static_cast<std::size_t>(order[place]);
    const auto end = static_cast<std::size_t>(matrix.offset[row + 1]);
    for (auto at = static_cast<std::size_t>(matrix.offset[row]); at < end; ++at) {
      const auto to = static_cast<std::size_t>(next[row_of(at)]++);
      entries.column[to] = static_cast<Index>(place);
      entries.value[to] = matrix.value[at];
      if (!deviation.empty()) entries.deviation[to] = deviation[at];
    }
  }
  return entries;
}

// Gives rows and columns numbers of its own, by which the session that it asks decides ties.
class RenumberedSession : public NeighbourSession {
 public:
  RenumberedSession(Backend& backend, const NeighbourProblem& problem, std::vector<Index> row_order,
                    std::span<const Index> column_order)
      : row_order_(std::move(row_order)),
        row_number_(inverse(row_order_)),
        column_number_(inverse(column_order)) {
    rows_ = transposed(problem.columns, problem.deviation, column_order, row_number_);
    columns_ = transposed(rows_.view(), rows_.deviation, first_numbers(rows_.view().rows()),
                          first_numbers(rows_.columns));
    rows_.deviation = {};
    session_ = backend.open_similar(
        {rows_.view(), columns_.view(), columns_.deviation, problem.similarity});
  }

  TopK query(std::span<const Index> rows, int k) override {
    TopK top = session_->query(numbers(rows, row_number_), k);
    for (Index& row : top.index) {
      if (row != kNone) row = row_order_[static_cast<std::size_t>(row)];
    }
    return top;
  }

  std::vector<NeighbourSums> weigh(std::span<const Index> row, std::span<const Index> column,
                                   int k) override {
    return session_->weigh(numbers(row, row_number_), numbers(column, column_number_), k);
  }

 private:
  static std::vector<Index> numbers(std::span<const Index> all, std::span<const Index> number) {
    std::vector<Index> result;
    result.reserve(all.size());
    for (const Index one : all) result.push_back(number[static_cast<std::size_t>(one)]);
    return result;
  }

  std::vector<Index> row_order_;
  std::vector<Index> row_number_;
  std::vector<Index> column_number_;
  Entries rows_;
  Entries columns_;
  std::unique_ptr<NeighbourSession> session_;
};

}  // namespace

std::vector<Index> neighbour_order(const NeighbourProblem& problem, KnnRows rows) {
  return rows == KnnRows::items ? by_content(problem.rows) : largest_first(problem.rows);
}

std::unique_ptr<NeighbourSession> open_neighbours(Backend& backend, const NeighbourProblem& problem,
                                                  KnnRows rows) {
  const std::vector<Index> columns =
      rows == KnnRows::items ? first_numbers(problem.columns.rows()) : by_content(problem.columns);
  return std::make_unique<RenumberedSession>(backend, problem, neighbour_order(problem, rows),
                                             columns);
}

}  // namespace tusk
