// Neighbours from similarities that are computed a few rows at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "backend/backend.hpp"
#include "backend/grouped_queries.hpp"
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
    std::unique_ptr<void, AlignedDelete> sums;  // measures of a block of rows; 0 between uses
    std::vector<SharedColumn> shared;
    std::vector<double> similarity;  // [rows, kRowsAtOnce], or a block of the rows
    std::array<NearestHeap, kRowsAtOnce> nearest;
  };

  // Rows that are compared with all others side by side.
  struct Group {
    std::int64_t first = 0;  // of the groups of queries
    std::size_t count = 0;   // from there on, one for each row
    std::array<Index, kRowsAtOnce> row{};
    std::array<double, kRowsAtOnce> squares{};
  };

  GroupedQueries grouped(std::span<const Index> row) const;
  // Calls use(group, scratch) in the threads for the rows of all queries, with the group's shared
  // columns in `scratch`.
  template <class Use>
  void each_group(const GroupedQueries& queries, std::span<const Index> row, const Use& use);
  void find_shared_columns(const Group& group, std::vector<SharedColumn>& shared) const;
  // The similarities of rows begin .. end - 1, at most block_rows_, with the group's; blocks in
  // rising order.
  void measure(const Group& group, std::size_t begin, std::size_t end, Scratch& scratch,
               double* similarity) const;
  NeighbourSums sums_of(Index row, Index column, std::size_t lane, int k, Scratch& scratch) const;

  std::shared_ptr<ThreadPool> threads_;
  const SimilarityKernel& kernel_;
  std::size_t block_rows_;  // whose sums a thread adds up at a time
  NeighbourProblem problem_;
  std::vector<double> own_squares_;  // by row, of its values, where its neighbours are sought
  std::vector<double> squares_;      // the same where it may be a neighbour
  std::vector<std::int64_t> work_;   // by row, the lengths of its columns' lists
  std::vector<Scratch> scratch_;     // by thread
};

}  // namespace tusk
