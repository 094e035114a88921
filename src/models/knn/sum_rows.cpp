#include "models/knn/sum_rows.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tusk {
namespace {

constexpr std::size_t kUsersAtOnce = 32;  // of a task, which has memory of its own

std::size_t place(Index index) { return static_cast<std::size_t>(index); }

// Row j: the items that have j among their neighbours, ascending.
SparseMatrixOf by_neighbour(const NeighbourTable& table, const KnnRatings& ratings) {
  SparseMatrixOf matrix;
  matrix.columns = table.rows;
  matrix.offset.assign(place(table.rows) + 1, 0);
  for (const Index neighbour : table.neighbour) {
    if (neighbour != kNone) ++matrix.offset[place(neighbour) + 1];
  }
  std::partial_sum(matrix.offset.begin(), matrix.offset.end(), matrix.offset.begin());
  std::vector<std::int64_t> next(matrix.offset.begin(), matrix.offset.end() - 1);
  matrix.column.resize(static_cast<std::size_t>(matrix.offset.back()));
  matrix.value.resize(matrix.column.size());
  const auto width = static_cast<std::size_t>(table.k);
  for (Index item = 0; item < table.rows; ++item) {
    const auto spread = static_cast<float>(ratings.spread(item));
    for (std::size_t n = place(item) * width; n < (place(item) + 1) * width; ++n) {
      if (table.neighbour[n] == kNone) break;
      const auto to = static_cast<std::size_t>(next[place(table.neighbour[n])]++);
      matrix.column[to] = item;
      matrix.value[to] = spread * table.similarity[n];
    }
  }
  return matrix;
}

SparseMatrixOf values_of(const KnnRatings& ratings) {
  const CsrView rows = ratings.rows();
  SparseMatrixOf matrix;
  matrix.columns = rows.columns;
  matrix.offset.assign(rows.offset.begin(), rows.offset.end());
  matrix.column.assign(rows.column.begin(), rows.column.end());
  matrix.value.resize(matrix.column.size());
  rows.each([&](Index row, std::size_t at) {
    matrix.value[at] = ratings.summed(row, rows.column[at], rows.value[at]);
  });
  return matrix;
}

// A thread's memory.
class RowSum {
 public:
  explicit RowSum(const SparseMatrixOf& matrix)
      : matrix_(matrix), sum_(place(matrix.columns)), score_(sum_.size()) {}

  // Items with fewer than `least` terms get 0.
  std::span<float> of(const SumRows::Terms& terms, int least) {
    std::fill(sum_.begin(), sum_.end(), 0);
    for (std::size_t t = 0; t < terms.row.size(); ++t) {
      const double weight = terms.weight[t];
      each_entry(terms.row[t], [&](std::size_t at) {
        sum_[place(matrix_.column[at])] += weight * static_cast<double>(matrix_.value[at]);
      });
    }
    std::transform(sum_.begin(), sum_.end(), score_.begin(),
                   [](double sum) { return static_cast<float>(sum); });
    if (least > 1) clear_below(least, terms);
    return score_;
  }

 private:
  template <class Visit>
  void each_entry(Index row, const Visit& visit) const {
    const auto end = static_cast<std::size_t>(matrix_.offset[place(row) + 1]);
    for (auto at = static_cast<std::size_t>(matrix_.offset[place(row)]); at < end; ++at) visit(at);
  }

  void clear_below(int least, const SumRows::Terms& terms) {
    count_.assign(score_.size(), 0);
    for (const Index row : terms.row) {
      each_entry(row, [&](std::size_t at) { ++count_[place(matrix_.column[at])]; });
    }
    for (std::size_t item = 0; item < score_.size(); ++item) {
      if (count_[item] < least) score_[item] = 0;
    }
  }

  const SparseMatrixOf& matrix_;
  std::vector<double> sum_;
  std::vector<float> score_;
  std::vector<int> count_;
};

}  // namespace

SumRows::SumRows(Backend& backend, const KnnModelState& state, const KnnRatings& ratings,
                 std::function<NeighbourTable()> find_table)
    : backend_(backend), state_(state), ratings_(ratings), find_table_(std::move(find_table)) {}

void SumRows::make_matrix() const {
  if (state_.rows() == KnnRows::users) {
    matrix_ = values_of(ratings_);
  } else if (state_.knn().params.policy == NeighbourPolicy::table) {
    matrix_ = by_neighbour(state_.knn().table, ratings_);
  } else {
    matrix_ = by_neighbour(find_table_(), ratings_);
  }
}

void SumRows::each(std::size_t users, const std::function<Terms(std::size_t)>& terms_of,
                   const ScoreRowVisitor& visit) const {
  std::call_once(once_, [this] { make_matrix(); });
  const std::size_t tasks = (users + kUsersAtOnce - 1) / kUsersAtOnce;
  backend_.parallel_for(static_cast<std::int64_t>(tasks), [&](std::int64_t task) {
    RowSum sum(matrix_);
    const std::size_t first = static_cast<std::size_t>(task) * kUsersAtOnce;
    for (std::size_t u = first; u < std::min(first + kUsersAtOnce, users); ++u) {
      visit(u, sum.of(terms_of(u), state_.knn().params.min_neighbours));
    }
  });
}

}  // namespace tusk
