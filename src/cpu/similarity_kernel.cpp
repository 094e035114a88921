// Compiled several times, as sgd_kernel.cpp is, and with the same care.
//
// The lists of the columns that a row holds are walked, and what each row in a list has in common
// with it is added to that row's sums. A user's list is walked once for all rows of the group that
// hold it: popular rows have most columns in common, so eight of them cost little more than one,
// and each sum is a vector of eight. A row's sums are added to in the order of columns, whatever
// the group, so grouping does not change a bit.

#include "cpu/similarity_kernel.hpp"

#include "cpu/isa_kernels.hpp"
#include "model/similarity.hpp"

namespace tusk::TUSK_ISA {
namespace {

template <class Sums>
void accumulate(const SparseMatrix& rows, const SparseMatrix& columns, const Index* group,
                void* memory) {
  Sums* const sums = static_cast<Sums*>(memory);
  std::int64_t at[kRowsAtOnce];
  std::int64_t end[kRowsAtOnce];
  for (int i = 0; i < kRowsAtOnce; ++i) {
    at[i] = group[i] == kNone ? 0 : rows.offset[group[i]];
    end[i] = group[i] == kNone ? 0 : rows.offset[group[i] + 1];
  }
  while (true) {
    constexpr Index kEnd = 0x7fffffff;
    Index next[kRowsAtOnce];
    Index column = kEnd;
    for (int i = 0; i < kRowsAtOnce; ++i) {
      next[i] = at[i] < end[i] ? rows.column[at[i]] : kEnd;
      column = next[i] < column ? next[i] : column;
    }
    if (column == kEnd) return;
    double value[kRowsAtOnce];
    double held[kRowsAtOnce];
    for (int i = 0; i < kRowsAtOnce; ++i) {
      const bool holds = next[i] == column;
      value[i] = holds ? static_cast<double>(rows.value[at[i]]) : 0;
      held[i] = holds ? 1 : 0;
      at[i] += holds;
    }
    const std::int64_t last = columns.offset[column + 1];
    for (std::int64_t other = columns.offset[column]; other < last; ++other) {
      sums[columns.column[other]].add(value, held, static_cast<double>(columns.value[other]));
    }
  }
}

template <class Sums>
void finish(void* memory, std::size_t begin, std::size_t end, const Index* group,
            const double* squares, const SimilarityParams& params, double* similarity) {
  Sums* const sums = static_cast<Sums*>(memory);
  double own[kRowsAtOnce];
  for (int i = 0; i < kRowsAtOnce; ++i) own[i] = group[i] == kNone ? 0 : squares[group[i]];
  for (std::size_t row = begin; row < end; ++row) {
    double* const out = similarity + (row - begin) * kRowsAtOnce;
    for (int i = 0; i < kRowsAtOnce; ++i) {
      out[i] = sums[row].similarity(i, own[i], squares[row], params);
    }
    sums[row] = Sums{};
  }
}

template <template <int> class SumsOf>
constexpr SimilarityKernel kernel() {
  using Sums = SumsOf<kRowsAtOnce>;
  return {sizeof(Sums), accumulate<Sums>, finish<Sums>};
}

}  // namespace

// In the order of Measure.
const SimilarityKernel kSimilarityKernels[] = {
    kernel<WholeCosine>(), kernel<CountedCosine>(),   kernel<CoratedCosine>(),
    kernel<Pearson>(),     kernel<BaselinePearson>(), kernel<MeanSquaredDifference>()};

}  // namespace tusk::TUSK_ISA
