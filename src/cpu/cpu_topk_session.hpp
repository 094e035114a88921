// Top-K by predicted rating on the CPU.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "backend/backend.hpp"
#include "cpu/byte_items.hpp"
#include "cpu/item_panels.hpp"
#include "cpu/kernels.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

// Of many users, threads take blocks and go through the panels of items; of few, they find by items
// rounded to bytes which may be among the best and score only those (see ByteItems). A user's mean
// and bias add the same to all of that user's scores, so they are left out while the best are
// looked for; the scores returned are those of score(). A row is the same whatever it is asked for
// with.
class CpuTopKSession : public DotTopKSession {
 public:
  // `state`, `candidates` and `exclude` are borrowed.
  CpuTopKSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                 const MfState& state, std::span<const Index> candidates, CsrView exclude);

  TopK query(std::span<const Index> rows, int k) override;
  TopK query_new(const UserVectors& users, CsrView exclude, int k) override;

 private:
  struct Scored {
    float score;
    Index candidate;  // its place in candidates_
  };
  // A user's best so far: a heap with the worst of them on top.
  using Best = std::vector<Scored>;

  // For whom lists are, and what these leave out. Borrowed.
  struct Asked {
    UserVectors users;
    CsrView exclude;
    std::span<const Index> rows;  // of both
  };

  // What a thread works in.
  struct Block {
    std::vector<GroupRow> users;   // [groups, factors]
    std::vector<float> threshold;  // [groups * kGroupUsers]
    std::vector<Best> best;        // [groups * kGroupUsers]
    std::vector<Passing> passing;
  };

  static bool better(const Scored& a, const Scored& b);

  TopK answer(const Asked& asked, int k);
  TopK answer_many(const Asked& asked, std::size_t k);
  TopK answer_few(const Asked& asked, std::size_t k);
  bool excluded(const Asked& asked, Index user, Index candidate) const;
  void load(Block& block, const Asked& asked) const;
  void find_best(Block& block, const Asked& asked, std::size_t k) const;
  void rescore(Block& block, const Asked& asked, std::span<const Index> kept, std::size_t k) const;
  void consider(Best& best, float& threshold, Scored candidate, const Asked& asked, Index user,
                std::size_t k) const;
  void store(Best& best, const Asked& asked, Index user, std::span<Index> index,
             std::span<float> score) const;

  std::shared_ptr<ThreadPool> threads_;
  const CpuKernels& kernels_;
  const MfState& state_;
  std::span<const Index> candidates_;
  CsrView exclude_;
  std::once_flag panels_once_;
  std::optional<ItemPanels> panels_;  // made for the first query of many users
  std::once_flag bytes_once_;
  std::optional<ByteItems> bytes_;  // made for the first of few
};

}  // namespace tusk
