// Top-K by predicted rating on the CPU.
#pragma once

#include <span>
#include <vector>

#include <tusk/backend.hpp>

#include "support/thread_pool.hpp"

namespace tusk {

class CpuTopKSession : public TopKSession {
 public:
  // Everything is borrowed.
  CpuTopKSession(ThreadPool& threads, const MfState& state, std::span<const Index> candidates,
                 CsrView exclude)
      : threads_(threads), state_(state), candidates_(candidates), exclude_(exclude) {}

  TopK query(std::span<const Index> rows, int k) override;

 private:
  void query_row(Index user, std::span<Index> index, std::span<float> score) const;

  ThreadPool& threads_;
  const MfState& state_;
  std::span<const Index> candidates_;
  CsrView exclude_;
};

}  // namespace tusk
