// Neighbours from similarities that are computed a few rows at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <tusk/backend.hpp>

#include "cpu/grouped_queries.hpp"
#include "cpu/kernels.hpp"
#include "cpu/nearest.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

// Nothing is stored for a pair of rows but within a thread, for kRowsAtOnce rows with all others.
// All sums of a row are added by one thread in the order of columns, so they are the same for any
// number of threads.
class CpuSimilarSession : public NeighbourSession {
 public:
  CpuSimilarSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                    const NeighbourProblem& problem);

  TopK query(std::span<const Index> rows, int k) override;
  std::vector<NeighbourSums> weigh(std::span<const Index> row, std::span<const Index> column,
                                   int k) override;

 private:
  struct AlignedDelete {
    void operator()(void* memory) const;
  };

  // A thread's own memory.
  struct Scratch {
    std::unique_ptr<void, AlignedDelete> sums;  // measures by row; 0 between uses
    std::vector<double> similarity;             // [rows, kRowsAtOnce], or a part of the rows
    std::array<NearestHeap, kRowsAtOnce> nearest;
  };

  using Group = std::array<Index, kRowsAtOnce>;

  GroupedQueries grouped(std::span<const Index> row) const;
  // Calls use(group, first, count, scratch) in the threads for every kRowsAtOnce groups of queries:
  // count of them from `first`, whose rows are in `group`; their sums are accumulated.
  template <class Use>
  void each_group(const GroupedQueries& queries, std::span<const Index> row, const Use& use);
  Scratch& prepared(int thread);
  void finish(const Group& group, std::size_t begin, std::size_t end, Scratch& scratch) const;
  NeighbourSums sums_of(Index row, Index column, std::size_t lane, int k, Scratch& scratch) const;

  std::shared_ptr<ThreadPool> threads_;
  const SimilarityKernel& kernel_;
  NeighbourProblem problem_;
  std::vector<double> squares_;     // by row, of its values
  std::vector<std::int64_t> work_;  // by row, the lengths of its columns' lists
  std::vector<Scratch> scratch_;    // by thread
};

}  // namespace tusk
