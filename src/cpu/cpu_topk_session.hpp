// Top-K by predicted rating on the CPU.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <tusk/backend.hpp>

#include "support/thread_pool.hpp"

namespace tusk {

class CpuTopKSession : public TopKSession {
 public:
  // `state`, `candidates` and `exclude` are borrowed.
  CpuTopKSession(std::shared_ptr<ThreadPool> threads, const MfState& state,
                 std::span<const Index> candidates, CsrView exclude)
      : threads_(std::move(threads)), state_(state), candidates_(candidates), exclude_(exclude) {}

  TopK query(std::span<const Index> rows, int k) override;

 private:
  void query_row(Index user, std::span<Index> index, std::span<float> score) const;

  std::shared_ptr<ThreadPool> threads_;
  const MfState& state_;
  std::span<const Index> candidates_;
  CsrView exclude_;
};

}  // namespace tusk
