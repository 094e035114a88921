// Top-K by predicted rating on the CPU.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "backend/backend.hpp"
#include "cpu/item_panels.hpp"
#include "cpu/kernels.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

// Threads take blocks of users and go through the panels of items. A user's mean and bias add the
// same to all of that user's scores, so they are left out while the best are looked for; the
// scores returned are those of score(). A row is the same whatever it is asked for with.
class CpuTopKSession : public TopKSession {
 public:
  // `state`, `candidates` and `exclude` are borrowed.
  CpuTopKSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                 const MfState& state, std::span<const Index> candidates, CsrView exclude);

  TopK query(std::span<const Index> rows, int k) override;

 private:
  struct Scored {
    float score;
    Index candidate;  // its place in candidates_
  };
  // A user's best so far: a heap with the worst of them on top.
  using Best = std::vector<Scored>;

  // What a thread works in.
  struct Block {
    std::vector<GroupRow> users;   // [groups, factors]
    std::vector<float> threshold;  // [groups * kGroupUsers]
    std::vector<Best> best;        // [groups * kGroupUsers]
    std::vector<Passing> passing;
  };

  static bool better(const Scored& a, const Scored& b);

  void load(Block& block, std::span<const Index> rows) const;
  void find_best(Block& block, std::span<const Index> rows, std::size_t k) const;
  void consider(Best& best, float& threshold, Scored candidate, Index user, std::size_t k) const;
  void store(Best& best, Index user, std::span<Index> index, std::span<float> score) const;

  std::shared_ptr<ThreadPool> threads_;
  const CpuKernels& kernels_;
  const MfState& state_;
  std::span<const Index> candidates_;
  CsrView exclude_;
  ItemPanels panels_;
};

}  // namespace tusk
