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
  BayesDraw draw(int chain) const override;

 private:
  struct Chain {
    BayesSide users;
    BayesSide items;
    double alpha = kInitialNoisePrecision;
  };

  BayesSweep run_sweep(Chain& chain, int which);

  std::shared_ptr<ThreadPool> threads_;
  BayesParams params_;
  std::int64_t ratings_;
  Transposed columns_;
  bool side_by_side_;
  WorkLoop loop_;  // of a chain
  BayesFeatures features_;
  std::deque<Chain> chains_;
  std::uint64_t sweep_ = 0;
};

}  // namespace tusk
