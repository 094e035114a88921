// What a GPU is given to sample Bayesian matrix factorization.
#pragma once

#include "cpu/bayes_features.hpp"
#include "cuda/bayes_plan.hpp"

namespace tusk {

// A plan's problem, with its features decomposed on the CPU.
class BayesWork {
 public:
  // `problem` is borrowed; `most_dense` as the plan was made with.
  BayesWork(const BayesProblem& problem, BayesPlan plan, ThreadPool& threads,
            Index most_dense = LinkFeatures::kMostDense);
  BayesWork(const BayesWork&) = delete;
  BayesWork& operator=(const BayesWork&) = delete;

  // As long as this lives.
  const CudaBayesWork& work() const { return work_; }

 private:
  BayesFeatures features_;
  CudaBayesWork work_;
};

}  // namespace tusk
