// iALS on the CPU, reproducible bit for bit with any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <tusk/device.hpp>

#include "backend/als_session.hpp"
#include "cpu/factor_rows.hpp"
#include "cpu/kernels.hpp"
#include "model/transposed.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

class CpuAlsSession : public AlsSession {
 public:
  CpuAlsSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                const AlsProblem& problem);

  // The memory of a session of so many threads and of the state() that is made of it, but what is
  // available.
  static MfMemory plan(const AlsProblem& problem, int threads);

  double run_epoch() override;
  MfState state() const override;

 private:
  // Users or items.
  struct Side {
    CsrView weights;  // its rows by those of the other side
    FactorRows factors;
    std::vector<float> regularization;  // by row
    // Rows that are one task: chunk[t] .. chunk[t + 1] - 1.
    std::vector<Index> chunk;
  };

  // What a thread needs to solve a row.
  struct Workspace {
    std::vector<const float*> row;
    FactorRows packed;
    FactorRows scratch;
  };

  Side make_side(const CsrView& weights) const;
  void initialise(Side& side) const;
  // The Gram matrix of the factors times the weight of the unobserved.
  void measure_gram(const FactorRows& factors, Index rows);
  // The sum of the minimized functions of the rows; see AlsRow.
  double solve(Side& side, const Side& others);
  double solve_row(Side& side, const Side& others, Index row, Workspace& space) const;
  double norm(const Side& side) const;  // the sum of what regularization adds

  std::shared_ptr<ThreadPool> threads_;
  const AlsKernel& kernel_;
  AlsParams params_;
  Transposed columns_;
  Side users_;
  Side items_;
  FactorRows gram_;
  std::vector<Workspace> space_;  // by thread
};

}  // namespace tusk
