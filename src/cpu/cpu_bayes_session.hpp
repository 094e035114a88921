// Gibbs sampling on the threads of the CPU, reproducible bit for bit with any number of them.
#pragma once

#include <memory>

#include "cpu/bayes_side.hpp"
#include "model/transposed.hpp"

namespace tusk {

class CpuBayesSession : public BayesSession {
 public:
  static MfMemory plan(const BayesProblem& problem, int threads);

  CpuBayesSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                  const BayesProblem& problem);

  BayesSweep run_sweep() override;
  BayesDraw draw() const override;

 private:
  std::shared_ptr<ThreadPool> threads_;
  BayesParams params_;
  std::int64_t ratings_;
  Transposed columns_;
  BayesSide users_;
  BayesSide items_;
  double alpha_ = kInitialNoisePrecision;
  std::uint64_t sweep_ = 0;
};

}  // namespace tusk
