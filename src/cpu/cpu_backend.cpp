#include "cpu/cpu_backend.hpp"

#include <algorithm>
#include <utility>

#include "cpu/cpu_als_session.hpp"
#include "cpu/cpu_bayes_session.hpp"
#include "cpu/cpu_mf_session.hpp"
#include "cpu/cpu_neural_session.hpp"
#include "cpu/cpu_similar_session.hpp"
#include "cpu/cpu_table_session.hpp"
#include "cpu/cpu_topk_session.hpp"
#include "cpu/ring_mf_session.hpp"
#include "support/host_memory.hpp"
#include "support/thread_pool.hpp"

namespace tusk {
namespace {

class CpuBackend : public Backend {
 public:
  CpuBackend(int threads, const CpuKernels& kernels, std::function<bool()> should_stop)
      : threads_(std::make_shared<ThreadPool>(threads, std::move(should_stop))),
        kernels_(kernels) {}

  std::string_view name() const override { return "cpu"; }
  std::string_view bits() const override { return bits_of(kernels_); }

  void check_stop() const override { threads_->check_stop(); }

  int threads() const override { return threads_->threads(); }

  void parallel_for(std::int64_t count, const std::function<void(std::int64_t)>& task) override {
    threads_->parallel_for(count, [&](std::int64_t i, int) { task(i); });
  }

  MfMemory plan_mf(const MfProblem& problem) override {
    MfMemory memory = CpuMfSession::plan(problem);
    memory.available = available_host_memory();
    return memory;
  }

  // So many that threads seldom wait for each other between the steps of a search; fewer of a data
  // set that is trained for long, so that there is something to show in time.
  std::int64_t models_at_once(const MfProblem& problem) override {
    constexpr std::int64_t kMostPerThread = 16;
    constexpr std::int64_t kRatingsPerThread = 4'000'000;
    const MfMemory memory = CpuMfSession::plan(problem);
    const std::uint64_t fixed = memory.ratings + memory.validation;
    const std::uint64_t model = memory.parameters / problem.fits.size();
    const std::uint64_t available = available_host_memory() / 2;
    const auto fit = static_cast<std::int64_t>(available > fixed ? (available - fixed) / model : 0);
    const std::int64_t per_thread =
        std::clamp<std::int64_t>(kRatingsPerThread / problem.ratings.size(), 1, kMostPerThread);
    return std::clamp<std::int64_t>(fit, 1, per_thread * threads_->threads());
  }

  std::unique_ptr<MfSession> open_mf(const MfProblem& problem) override {
    if (problem.processes) return std::make_unique<RingMfSession>(threads_, kernels_, problem);
    return std::make_unique<CpuMfSession>(threads_, kernels_, problem);
  }

  MfMemory plan_als(const AlsProblem& problem) override {
    MfMemory memory = CpuAlsSession::plan(problem, threads_->threads());
    memory.available = available_host_memory();
    return memory;
  }

  std::unique_ptr<AlsSession> open_als(const AlsProblem& problem) override {
    return std::make_unique<CpuAlsSession>(threads_, kernels_, problem);
  }

  const NetworkKernels& network_kernels() const override { return kernels_.network; }

  MfMemory plan_neural(const NeuralProblem& problem) override {
    MfMemory memory = CpuNeuralSession::plan(problem);
    memory.available = available_host_memory();
    return memory;
  }

  std::unique_ptr<NeuralSession> open_neural(const NeuralProblem& problem) override {
    return std::make_unique<CpuNeuralSession>(*this, problem);
  }

  MfMemory plan_bayes(const BayesProblem& problem) override {
    return CpuBayesSession::plan(problem, threads_->threads());
  }

  std::unique_ptr<BayesSession> open_bayes(const BayesProblem& problem) override {
    return std::make_unique<CpuBayesSession>(threads_, kernels_, problem);
  }

  std::unique_ptr<DotTopKSession> open_dot(const MfState& state, std::span<const Index> candidates,
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

std::unique_ptr<Backend> make_cpu_backend(int threads, const CpuKernels& kernels,
                                          std::function<bool()> should_stop) {
  return std::make_unique<CpuBackend>(threads, kernels, std::move(should_stop));
}

}  // namespace tusk
