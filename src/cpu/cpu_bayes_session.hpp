// Gibbs sampling on the threads of the CPU, reproducible bit for bit with any number of them.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "backend/bayes_session.hpp"
#include "cpu/bayes_features.hpp"
#include "cpu/bayes_side.hpp"
#include "model/transposed.hpp"

namespace tusk {

// Several chains are each sampled by one thread, if that keeps all threads busy; else all threads
// sample one after another. `most_dense` as for LinkFeatures.
class CpuBayesSession : public BayesSession {
 public:
  static MfMemory plan(const BayesProblem& problem, int threads);

  CpuBayesSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                  const BayesProblem& problem, Index most_dense = LinkFeatures::kMostDense);

  std::vector<BayesSweep> run_sweep() override;
  std::vector<BayesDraw> draw(std::span<const int> chains, bool with_links) const override;
  BayesChain chain(int chain) const override;
  void restore(std::uint64_t sweeps, std::span<const BayesChain> chains) override;

 private:
  struct Chain {
    BayesSide users;
    BayesSide items;
    double alpha = kInitialNoisePrecision;
  };

  void draw_priors(Chain& chain);
  BayesSweep run_sweep(Chain& chain, int which);
  // Calls task(k) for k = 0 .. count - 1, of a chain each.
  void each_chain(std::size_t count, const std::function<void(std::size_t)>& task) const;

  std::shared_ptr<ThreadPool> threads_;
  BayesParams params_;
  std::int64_t ratings_;
  Transposed columns_;
  std::vector<Index> user_groups_by_item_;  // of each rating
  std::vector<Index> item_groups_by_item_;
  bool side_by_side_;
  WorkLoop loop_;  // of a chain
  BayesFeatures features_;
  std::deque<Chain> chains_;
  std::uint64_t sweep_ = 0;
};

}  // namespace tusk
