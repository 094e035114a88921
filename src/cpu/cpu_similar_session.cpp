#include "cpu/cpu_similar_session.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace tusk {
namespace {

constexpr std::align_val_t kAlignment{64};

Measure measure_of(const SimilarityParams& params) {
  switch (params.metric) {
    case SimilarityMetric::cosine:
    case SimilarityMetric::centered_cosine:
      return params.shrinkage == 0 && params.min_support <= 1 ? Measure::whole_cosine
                                                              : Measure::counted_cosine;
    case SimilarityMetric::cosine_corated:
      return Measure::corated_cosine;
    case SimilarityMetric::pearson:
      return Measure::pearson;
    case SimilarityMetric::msd:
      return Measure::mean_squared_difference;
    case SimilarityMetric::pearson_baseline:
      return Measure::baseline_pearson;
  }
  return Measure::whole_cosine;
}

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
}

TopK CpuSimilarSession::query(std::span<const Index> rows, int k) {
  constexpr std::size_t kRowsAtATime = 512;  // their similarities stay in the first cache
  const auto width = static_cast<std::size_t>(k);
  TopK result;
  result.rows = static_cast<Index>(rows.size());
  result.k = k;
  result.index.assign(rows.size() * width, kNone);
  result.score.assign(rows.size() * width, -std::numeric_limits<float>::infinity());
  const GroupedQueries queries = grouped(rows);
  each_group(
      queries, rows,
      [&](const Group& group, std::int64_t first, std::size_t count, Scratch& scratch) {
        scratch.similarity.resize(std::max(scratch.similarity.size(), kRowsAtATime * kRowsAtOnce));
        for (std::size_t i = 0; i < count; ++i) scratch.nearest[i].start(width);
        for (std::size_t begin = 0; begin < squares_.size(); begin += kRowsAtATime) {
          const std::size_t end = std::min(begin + kRowsAtATime, squares_.size());
          finish(group, begin, end, scratch);
          const double* similarity = scratch.similarity.data();
          for (std::size_t row = begin; row < end; ++row, similarity += kRowsAtOnce) {
            for (std::size_t i = 0; i < count; ++i) {
              if (!(similarity[i] > scratch.nearest[i].least())) continue;
              if (group[i] == static_cast<Index>(row)) continue;
              scratch.nearest[i].offer({similarity[i], static_cast<Index>(row), 0});
            }
          }
        }
        for (std::size_t i = 0; i < count; ++i) {
          const auto nearest = scratch.nearest[i].finish();
          for (const std::size_t q : queries.group(first + static_cast<std::int64_t>(i))) {
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
  each_group(queries, row,
             [&](const Group& group, std::int64_t first, std::size_t count, Scratch& scratch) {
               scratch.similarity.resize(squares_.size() * kRowsAtOnce);
               finish(group, 0, squares_.size(), scratch);
               for (std::size_t i = 0; i < count; ++i) {
                 for (const std::size_t q : queries.group(first + static_cast<std::int64_t>(i))) {
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
  const SparseMatrix rows = pointers(problem_.rows);
  const SparseMatrix columns = pointers(problem_.columns);
  threads_->parallel_for(
      chunk_count(queries.size(), kRowsAtOnce), [&](std::int64_t task, int thread) {
        const std::int64_t first = task * kRowsAtOnce;
        const auto count =
            static_cast<std::size_t>(std::min<std::int64_t>(kRowsAtOnce, queries.size() - first));
        Group group;
        group.fill(kNone);
        for (std::size_t i = 0; i < count; ++i) {
          group[i] = row[queries.group(first + static_cast<std::int64_t>(i)).front()];
        }
        Scratch& scratch = prepared(thread);
        kernel_.accumulate(rows, columns, group.data(), scratch.sums.get());
        use(group, first, count, scratch);
      });
}

CpuSimilarSession::Scratch& CpuSimilarSession::prepared(int thread) {
  Scratch& scratch = scratch_[static_cast<std::size_t>(thread)];
  if (!scratch.sums) {
    const std::size_t bytes = squares_.size() * kernel_.bytes;
    scratch.sums.reset(::operator new(bytes, kAlignment));
    std::memset(scratch.sums.get(), 0, bytes);
  }
  return scratch;
}

void CpuSimilarSession::finish(const Group& group, std::size_t begin, std::size_t end,
                               Scratch& scratch) const {
  kernel_.finish(scratch.sums.get(), begin, end, group.data(), squares_.data(), problem_.similarity,
                 scratch.similarity.data());
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
