// Neighbours from a table that was made before.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "backend/backend.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

class CpuTableSession : public NeighbourSession {
 public:
  // As Backend::open_table.
  CpuTableSession(std::shared_ptr<ThreadPool> threads, const NeighbourTable& table, CsrView columns,
                  std::span<const float> deviation)
      : threads_(std::move(threads)),
        table_(table),
        columns_(columns),
        deviation_(deviation),
        scratch_(static_cast<std::size_t>(threads_->threads())) {}

  TopK query(std::span<const Index> rows, int k) override;
  std::vector<NeighbourSums> weigh(std::span<const Index> row, std::span<const Index> column,
                                   int k) override;

 private:
  NeighbourSums sums_of(Index row, int k, std::span<const float> deviation) const;

  std::shared_ptr<ThreadPool> threads_;
  const NeighbourTable& table_;
  CsrView columns_;
  std::span<const float> deviation_;
  std::vector<std::vector<float>> scratch_;  // by thread: one column's deviations by row
};

}  // namespace tusk
