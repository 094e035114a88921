// Compiled several times, as sgd_kernel.cpp is, and with the same care.
//
// The lists of the columns that a group of rows holds are walked, and what each row in a list has
// in common with the group is added to that row's sums. A column's list is walked once for all rows
// of the group that hold it: popular rows have most columns in common, so sixteen of them cost
// little more than one. A row's sums are added to in the order of columns, whatever the group and
// the range of rows, so neither changes a bit.

#include "cpu/similarity_kernel.hpp"

#include "cpu/isa_kernels.hpp"
#include "model/similarity.hpp"

namespace tusk::TUSK_ISA {
namespace {

constexpr std::size_t kColumnsAhead = 6;  // so many columns ahead their entries are fetched

template <class Sums>
void accumulate(const SparseMatrix& columns, SharedColumn* shared, std::size_t count, Index begin,
                Index end, void* memory) {
  Sums* const sums = static_cast<Sums*>(memory);
  for (std::size_t c = 0; c < count; ++c) {
    const std::int64_t ahead = shared[c + kColumnsAhead < count ? c + kColumnsAhead : c].next;
    __builtin_prefetch(columns.column + ahead);
    __builtin_prefetch(columns.value + ahead);
    SharedColumn& column = shared[c];
    std::int64_t at = column.next;
    if (at == column.end || columns.column[at] >= end) continue;
    double value[kRowsAtOnce];
    double held[kRowsAtOnce];
    for (int i = 0; i < kRowsAtOnce; ++i) {
      value[i] = column.value[i];
      held[i] = column.held[i];
    }
    do {
      sums[columns.column[at] - begin].add(value, held, static_cast<double>(columns.value[at]));
    } while (++at < column.end && columns.column[at] < end);
    column.next = at;
  }
}

template <class Sums>
void finish(void* memory, std::size_t begin, std::size_t end, const double* own,
            const double* squares, const SimilarityParams& params, double* similarity) {
  Sums* const sums = static_cast<Sums*>(memory);
  for (std::size_t row = begin; row < end; ++row, similarity += kRowsAtOnce) {
    Sums& of_row = sums[row - begin];
    for (int i = 0; i < kRowsAtOnce; ++i) {
      similarity[i] = of_row.similarity(i, own[i], squares[row], params);
    }
    of_row = Sums{};
  }
}

template <template <int> class SumsOf>
constexpr SimilarityKernel kernel() {
  using Sums = SumsOf<kRowsAtOnce>;
  return {sizeof(Sums), accumulate<Sums>, finish<Sums>};
}

}  // namespace

// In the order of Measure in model/measure.hpp.
const SimilarityKernel kSimilarityKernels[] = {
    kernel<WholeCosine>(), kernel<CountedCosine>(),   kernel<CoratedCosine>(),
    kernel<Pearson>(),     kernel<BaselinePearson>(), kernel<MeanSquaredDifference>()};

}  // namespace tusk::TUSK_ISA
