#include "cpu/cpu_backend.hpp"

#include "cpu/cpu_mf_session.hpp"
#include "cpu/cpu_similar_session.hpp"
#include "cpu/cpu_table_session.hpp"
#include "cpu/cpu_topk_session.hpp"
#include "support/thread_pool.hpp"

namespace tusk {
namespace {

class CpuBackend : public Backend {
 public:
  CpuBackend(int threads, const CpuKernels& kernels)
      : threads_(std::make_shared<ThreadPool>(threads)), kernels_(kernels) {}

  std::string_view name() const override { return "cpu"; }

  MfMemory plan_mf(const MfProblem& problem) override { return CpuMfSession::plan(problem); }

  std::unique_ptr<MfSession> open_mf(const MfProblem& problem) override {
    return std::make_unique<CpuMfSession>(threads_, kernels_, problem);
  }

  std::unique_ptr<TopKSession> open_dot(const MfState& state, std::span<const Index> candidates,
                                        CsrView exclude) override {
    return std::make_unique<CpuTopKSession>(threads_, kernels_, state, candidates, exclude);
  }

  std::unique_ptr<NeighbourSession> open_similar(const NeighbourProblem& problem) override {
    return std::make_unique<CpuSimilarSession>(threads_, kernels_, problem);
  }

  std::unique_ptr<NeighbourSession> open_table(const NeighbourTable& table, CsrView columns,
                                               std::span<const float> deviation) override {
    return std::make_unique<CpuTableSession>(threads_, table, columns, deviation);
  }

 private:
  std::shared_ptr<ThreadPool> threads_;  // shared with the sessions, which may live longer
  const CpuKernels& kernels_;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(int threads, const CpuKernels& kernels) {
  return std::make_unique<CpuBackend>(threads, kernels);
}

}  // namespace tusk
