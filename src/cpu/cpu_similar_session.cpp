#include "cpu/cpu_similar_session.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "backend/padded_lists.hpp"
#include "model/measure.hpp"
#include "model/similarity.hpp"

namespace tusk {
namespace {

constexpr std::align_val_t kAlignment{64};
constexpr std::size_t kBlockBytes = 512 * 1024;  // of sums: a part of a core's second cache

SparseMatrix pointers(const CsrView& matrix) {
  return {matrix.offset.data(), matrix.column.data(), matrix.value.data()};
}

}  // namespace

void CpuSimilarSession::AlignedDelete::operator()(void* memory) const {
  ::operator delete(memory, kAlignment);
}

CpuSimilarSession::CpuSimilarSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                                     const NeighbourProblem& problem)
    : threads_(std::move(threads)),
      kernel_(kernels.similarity[static_cast<std::size_t>(measure_of(problem.similarity))]),
      block_rows_(kBlockBytes / kernel_.bytes),
      problem_(problem),
      squares_(static_cast<std::size_t>(problem.rows.rows()), 0),
      work_(squares_.size(), 0),
      scratch_(static_cast<std::size_t>(threads_->threads())) {
  problem_.rows.each([&](Index row, std::size_t at) {
    const auto r = static_cast<std::size_t>(row);
    const double value = problem_.rows.value[at];
    squares_[r] += value * value;
    work_[r] += std::ssize(problem_.columns.row(problem_.rows.column[at]));
  });
  const float asymmetry = problem_.similarity.asymmetry;
  own_squares_ = squares_;
  for (double& squares : own_squares_) squares = asymmetric_squares(squares, asymmetry);
  for (double& squares : squares_) squares = asymmetric_squares(squares, 1 - asymmetry);
}

TopK CpuSimilarSession::query(std::span<const Index> rows, int k) {
  const auto width = static_cast<std::size_t>(k);
  TopK result = padded_lists(rows.size(), k);
  const GroupedQueries queries = grouped(rows);
  each_group(queries, rows, [&](const Group& group, Scratch& scratch) {
    scratch.similarity.resize(block_rows_ * kRowsAtOnce);
    for (std::size_t i = 0; i < group.count; ++i) scratch.nearest[i].start(width);
    for (std::size_t begin = 0; begin < squares_.size(); begin += block_rows_) {
      threads_->check_stop();
      const std::size_t end = std::min(begin + block_rows_, squares_.size());
      measure(group, begin, end, scratch, scratch.similarity.data());
      const double* similarity = scratch.similarity.data();
      for (std::size_t row = begin; row < end; ++row, similarity += kRowsAtOnce) {
        for (std::size_t i = 0; i < group.count; ++i) {
          if (!(similarity[i] > scratch.nearest[i].least())) continue;
          if (group.row[i] == static_cast<Index>(row)) continue;
          scratch.nearest[i].offer({similarity[i], static_cast<Index>(row), 0});
        }
      }
    }
    for (std::size_t i = 0; i < group.count; ++i) {
      const auto nearest = scratch.nearest[i].finish();
      for (const std::size_t q : queries.group(group.first + static_cast<std::int64_t>(i))) {
        for (std::size_t n = 0; n < nearest.size(); ++n) {
          result.index[q * width + n] = nearest[n].row;
          result.score[q * width + n] = static_cast<float>(nearest[n].similarity);
        }
      }
    }
  });
  return result;
}

std::vector<NeighbourSums> CpuSimilarSession::weigh(std::span<const Index> row,
                                                    std::span<const Index> column, int k) {
  std::vector<NeighbourSums> result(row.size());
  const GroupedQueries queries = grouped(row);
  each_group(queries, row, [&](const Group& group, Scratch& scratch) {
    scratch.similarity.resize(squares_.size() * kRowsAtOnce);
    for (std::size_t begin = 0; begin < squares_.size(); begin += block_rows_) {
      threads_->check_stop();
      const std::size_t end = std::min(begin + block_rows_, squares_.size());
      measure(group, begin, end, scratch, scratch.similarity.data() + begin * kRowsAtOnce);
    }
    for (std::size_t i = 0; i < group.count; ++i) {
      for (const std::size_t q : queries.group(group.first + static_cast<std::int64_t>(i))) {
        result[q] = sums_of(row[q], column[q], i, k, scratch);
      }
    }
  });
  return result;
}

GroupedQueries CpuSimilarSession::grouped(std::span<const Index> row) const {
  return group_queries(row, [this](Index r) { return work_[static_cast<std::size_t>(r)]; });
}

template <class Use>
void CpuSimilarSession::each_group(const GroupedQueries& queries, std::span<const Index> row,
                                   const Use& use) {
  threads_->parallel_for(chunk_count(queries.size(), kRowsAtOnce), [&](std::int64_t task,
                                                                       int thread) {
    Group group;
    group.first = task * kRowsAtOnce;
    group.count =
        static_cast<std::size_t>(std::min<std::int64_t>(kRowsAtOnce, queries.size() - group.first));
    for (std::size_t i = 0; i < group.count; ++i) {
      group.row[i] = row[queries.group(group.first + static_cast<std::int64_t>(i)).front()];
      group.squares[i] = own_squares_[static_cast<std::size_t>(group.row[i])];
    }
    Scratch& scratch = scratch_[static_cast<std::size_t>(thread)];
    if (!scratch.sums) {
      scratch.sums.reset(::operator new(block_rows_* kernel_.bytes, kAlignment));
      std::memset(scratch.sums.get(), 0, block_rows_ * kernel_.bytes);
    }
    find_shared_columns(group, scratch.shared);
    use(group, scratch);
  });
}

void CpuSimilarSession::find_shared_columns(const Group& group,
                                            std::vector<SharedColumn>& shared) const {
  constexpr Index kEnd = std::numeric_limits<Index>::max();
  shared.clear();
  std::array<std::size_t, kRowsAtOnce> at{};
  std::array<std::size_t, kRowsAtOnce> end{};
  std::array<Index, kRowsAtOnce> next;
  const auto look = [&](std::size_t i) {
    next[i] = at[i] < end[i] ? problem_.rows.column[at[i]] : kEnd;
  };
  for (std::size_t i = 0; i < kRowsAtOnce; ++i) {
    if (i < group.count) {
      const auto row = static_cast<std::size_t>(group.row[i]);
      at[i] = static_cast<std::size_t>(problem_.rows.offset[row]);
      end[i] = static_cast<std::size_t>(problem_.rows.offset[row + 1]);
    }
    look(i);
  }
  while (true) {
    const Index column = *std::min_element(next.begin(), next.end());
    if (column == kEnd) return;
    SharedColumn& found = shared.emplace_back();
    found.next = problem_.columns.offset[static_cast<std::size_t>(column)];
    found.end = problem_.columns.offset[static_cast<std::size_t>(column) + 1];
    for (std::size_t i = 0; i < kRowsAtOnce; ++i) {
      if (next[i] != column) continue;
      found.value[i] = problem_.rows.value[at[i]++];
      found.held[i] = 1;
      look(i);
    }
  }
}

void CpuSimilarSession::measure(const Group& group, std::size_t begin, std::size_t end,
                                Scratch& scratch, double* similarity) const {
  kernel_.accumulate(pointers(problem_.columns), scratch.shared.data(), scratch.shared.size(),
                     static_cast<Index>(begin), static_cast<Index>(end), scratch.sums.get());
  kernel_.finish(scratch.sums.get(), begin, end, group.squares.data(), squares_.data(),
                 problem_.similarity, similarity);
}

NeighbourSums CpuSimilarSession::sums_of(Index row, Index column, std::size_t lane, int k,
                                         Scratch& scratch) const {
  NearestHeap& nearest = scratch.nearest[lane];
  nearest.start(static_cast<std::size_t>(k));
  const auto c = static_cast<std::size_t>(column);
  const auto end = static_cast<std::size_t>(problem_.columns.offset[c + 1]);
  for (auto at = static_cast<std::size_t>(problem_.columns.offset[c]); at < end; ++at) {
    const Index other = problem_.columns.column[at];
    const double similarity =
        scratch.similarity[static_cast<std::size_t>(other) * kRowsAtOnce + lane];
    if (similarity > nearest.least() && other != row) {
      nearest.offer({similarity, other, problem_.deviation[at]});
    }
  }
  NeighbourSums sums;
  for (const Neighbour& neighbour : nearest.finish()) {
    sums.weight += neighbour.similarity;
    sums.deviation += neighbour.similarity * neighbour.deviation;
    ++sums.count;
  }
  return sums;
}

}  // namespace tusk
