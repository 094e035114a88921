#include "cuda/cuda_backend.hpp"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include <tusk/devices.hpp>
#include <tusk/error.hpp>

#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_module.hpp"
#include "cuda/cuda_topk_session.hpp"
#include "cuda/memory_plan.hpp"
#include "cuda/neighbour_plan.hpp"
#include "cuda/topk_plan.hpp"
#include "support/thread_pool.hpp"

namespace tusk {
namespace {

class CudaBackend : public Backend {
 public:
  CudaBackend(std::unique_ptr<CudaDevice> device, std::unique_ptr<Backend> cpu, int threads,
              const CudaOptions& options)
      : device_(std::move(device)), cpu_(std::move(cpu)), threads_(threads), options_(options) {}

  std::string_view name() const override { return "cuda"; }

  MfMemory plan_mf(const MfProblem& problem) override {
    ThreadPool threads(threads_);
    return plan(problem, threads).memory;
  }

  std::unique_ptr<MfSession> open_mf(const MfProblem& problem) override {
    ThreadPool threads(threads_);
    const CudaMemoryPlan memory = plan(problem, threads);
    CudaMfWork work;
    work.users = problem.ratings.rows();
    work.items = problem.ratings.columns;
    work.scale = problem.scale;
    work.fits = problem.fits;
    work.options = options_;
    const LabelSet part = trained_on(problem.fits);
    const bool keep_labels = !same_part(problem.fits);
    if (options_.deterministic) {
      StrataRatings strata =
          pack_strata(problem.ratings, problem.label, part, keep_labels, threads);
      work.validation = gather_validation(problem, strata.user_row, strata.item_row, threads);
      work.ratings = std::move(strata);
    } else {
      work.ratings = pack_hogwild(problem.ratings, problem.label, part, keep_labels,
                                  memory.chunk_bytes, threads);
      work.validation = gather_validation(problem, {}, {}, threads);
    }
    return device_->open_mf(std::move(work));
  }

  std::unique_ptr<TopKSession> open_dot(const MfState& state, std::span<const Index> candidates,
                                        CsrView exclude) override {
    const auto on_cpu = [cpu = cpu_, &state, candidates, exclude] {
      return cpu->open_dot(state, candidates, exclude);
    };
    if (candidates.empty() || !suits_gpu_search(state)) return on_cpu();
    const CudaDotWork work =
        plan_dot(state, candidates, exclude, device_->free_memory(), device_->gpu());
    return std::make_unique<CudaTopKSession>(device_->open_dot(work), candidates.size(), on_cpu);
  }

  std::unique_ptr<NeighbourSession> open_similar(const NeighbourProblem& problem) override {
    return device_->open_similar(problem, plan_neighbours(problem, device_->shared_memory(),
                                                          device_->free_memory(), device_->gpu()));
  }

  std::unique_ptr<NeighbourSession> open_table(const NeighbourTable& table, CsrView columns,
                                               std::span<const float> deviation) override {
    return cpu_->open_table(table, columns, deviation);
  }

 private:
  CudaMemoryPlan plan(const MfProblem& problem, ThreadPool& threads) const {
    return plan_cuda_memory(problem, options_, device_->free_memory(), device_->gpu(), threads);
  }

  std::unique_ptr<CudaDevice> device_;
  std::shared_ptr<Backend> cpu_;  // sessions may outlive this
  int threads_;
  CudaOptions options_;
};

}  // namespace

std::unique_ptr<Backend> make_cuda_backend(std::unique_ptr<CudaDevice> device,
                                           std::unique_ptr<Backend> cpu, int threads,
                                           const CudaOptions& options) {
  return std::make_unique<CudaBackend>(std::move(device), std::move(cpu), threads, options);
}

std::unique_ptr<Backend> open_cuda_backend(int device, int threads, const CudaOptions& options) {
  const CudaStatus status = probe_cuda(device);
  if (!status.usable) {
    throw DeviceError(fmt::format("device cuda:{} cannot be used: {}", device, status.reason));
  }
  return make_cuda_backend(cuda_module().module->open(device), make_cpu_backend(threads), threads,
                           options);
}

}  // namespace tusk
