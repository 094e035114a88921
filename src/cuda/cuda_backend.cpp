#include "cuda/cuda_backend.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include <tusk/device.hpp>
#include <tusk/error.hpp>

#include "backend/als_session.hpp"
#include "backend/bayes_session.hpp"
#include "backend/neural_session.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/bayes_work.hpp"
#include "cuda/cuda_module.hpp"
#include "cuda/cuda_topk_session.hpp"
#include "cuda/hogwild_width.hpp"
#include "cuda/memory_plan.hpp"
#include "cuda/neighbour_plan.hpp"
#include "cuda/neural_plan.hpp"
#include "cuda/ring_work.hpp"
#include "cuda/topk_plan.hpp"
#include "distributed/collectives.hpp"
#include "support/text.hpp"
#include "support/thread_pool.hpp"

namespace tusk {
namespace {

class CudaBackend : public Backend {
 public:
  CudaBackend(std::unique_ptr<CudaDevice> device, std::unique_ptr<Backend> cpu, int threads,
              const CudaOptions& options, std::function<bool()> should_stop)
      : device_(std::move(device)),
        cpu_(std::move(cpu)),
        threads_(threads),
        options_(options),
        should_stop_(std::move(should_stop)) {}

  std::string_view name() const override { return "cuda"; }

  std::string_view bits() const override { return {}; }

  MfTrainer choose_trainer(const MfProblem& problem) override {
    ThreadPool threads(threads_, should_stop_);
    return plan(problem, threads).side_by_side ? MfTrainer::side_by_side : MfTrainer::one_by_one;
  }

  void check_stop() const override { cpu_->check_stop(); }

  int threads() const override { return cpu_->threads(); }

  void parallel_for(std::int64_t count, const std::function<void(std::int64_t)>& task) override {
    cpu_->parallel_for(count, task);
  }

  MfMemory plan_mf(const MfProblem& problem) override {
    if (problem.processes) return plan(ring(problem));
    ThreadPool threads(threads_, should_stop_);
    return plan(problem, threads).memory.memory;
  }

  // As many warps as are resident, or what there is memory for beside the ratings.
  std::int64_t models_at_once(const MfProblem& problem) override {
    constexpr std::int64_t kModelsPerMultiprocessor = 16;
    ThreadPool threads(threads_, should_stop_);
    const MfMemory memory = plan(problem, threads).memory.memory;
    const std::uint64_t fixed = memory.ratings + memory.validation + memory.working;
    const std::uint64_t model = memory.parameters / problem.fits.size();
    const auto fit = static_cast<std::int64_t>((memory.available - fixed) / model);
    return std::clamp<std::int64_t>(fit, 1, kModelsPerMultiprocessor * device_->multiprocessors());
  }

  std::unique_ptr<MfSession> open_mf(const MfProblem& problem) override {
    if (problem.processes) {
      CudaRingWork work = ring(problem);
      agree(problem.processes.get(), [&] { plan(work); });
      return device_->open_ring(std::move(work));
    }
    ThreadPool threads(threads_, should_stop_);
    const Plan planned = plan(problem, threads);
    CudaMfWork work;
    work.users = problem.ratings.rows();
    work.items = problem.ratings.columns;
    work.scale = problem.scale;
    work.fits = problem.fits;
    work.options = planned.options;
    work.side_by_side = planned.side_by_side;
    work.rated = rated_rows(problem, threads);
    const LabelSet part = trained_on(problem.fits);
    const bool keep_labels = !same_part(problem.fits);
    const auto validation = [&](std::span<const Index> user_row, std::span<const Index> item_row) {
      return gather_validation(problem.ratings, problem.label, validated_on(problem.fits), user_row,
                               item_row, threads);
    };
    if (planned.options.deterministic) {
      StrataRatings strata =
          pack_strata(problem.ratings, problem.label, part, keep_labels, threads);
      work.validation = validation(strata.user_row, strata.item_row);
      work.ratings = std::move(strata);
    } else {
      work.ratings = pack_hogwild(problem.ratings, problem.label, part, keep_labels,
                                  planned.memory.chunk_bytes, threads);
      work.validation = validation({}, {});
    }
    return device_->open_mf(std::move(work));
  }

  MfMemory plan_als(const AlsProblem& problem) override {
    if (!has_dense_matrices()) return cpu_->plan_als(problem);
    return plan_gpu_als(problem, device_->free_memory(), device_->gpu()).memory;
  }

  std::unique_ptr<AlsSession> open_als(const AlsProblem& problem) override {
    if (!has_dense_matrices()) return cpu_->open_als(problem);
    AlsPlan plan = plan_gpu_als(problem, device_->free_memory(), device_->gpu());
    plan.check_stop = [cpu = cpu_] { cpu->check_stop(); };
    return device_->open_als(problem, plan);
  }

  const NetworkKernels& network_kernels() const override { return cpu_->network_kernels(); }

  MfMemory plan_neural(const NeuralProblem& problem) override {
    if (!has_dense_matrices()) return cpu_->plan_neural(problem);
    return plan_gpu_neural(problem, device_->free_memory(), device_->gpu()).memory;
  }

  std::unique_ptr<NeuralSession> open_neural(const NeuralProblem& problem) override {
    if (!has_dense_matrices()) return cpu_->open_neural(problem);
    NeuralPlan plan = plan_gpu_neural(problem, device_->free_memory(), device_->gpu());
    plan.check_stop = [cpu = cpu_] { cpu->check_stop(); };
    return device_->open_neural(neural_work(problem, std::move(plan), options_.precision));
  }

  MfMemory plan_bayes(const BayesProblem& problem) override {
    if (!samples(problem)) return cpu_->plan_bayes(problem);
    return plan(problem).memory;
  }

  std::unique_ptr<BayesSession> open_bayes(const BayesProblem& problem) override {
    if (!samples(problem)) return cpu_->open_bayes(problem);
    BayesPlan planned = plan(problem);
    planned.check_stop = [cpu = cpu_] { cpu->check_stop(); };
    ThreadPool threads(threads_, should_stop_);
    return device_->open_bayes(BayesWork(problem, std::move(planned), threads).work());
  }

  void check_gram_memory(const GramSize& size) const override {
    if (has_dense_matrices()) plan(size);
  }

  bool invert_gram(const GramProblem& problem, std::span<float> inverse) override {
    return invert(problem, inverse);
  }

  bool invert_gram(const GramProblem& problem, std::span<double> inverse) override {
    return invert(problem, inverse);
  }

  std::unique_ptr<DotTopKSession> open_dot(const MfState& state, std::span<const Index> candidates,
                                           CsrView exclude) override {
    const auto on_cpu = [cpu = cpu_, &state, candidates, exclude] {
      return cpu->open_dot(state, candidates, exclude);
    };
    if (candidates.empty() || !suits_gpu_search(state)) return on_cpu();
    const CudaDotWork work =
        plan_dot(state, candidates, exclude, device_->free_memory(), device_->gpu());
    return std::make_unique<CudaTopKSession>(device_->open_dot(work), candidates.size(), on_cpu);
  }

  // The kernels know no asymmetric cosines.
  std::unique_ptr<NeighbourSession> open_similar(const NeighbourProblem& problem) override {
    if (problem.similarity.asymmetry != 0.5f) return cpu_->open_similar(problem);
    return device_->open_similar(problem, plan_neighbours(problem, device_->shared_memory(),
                                                          device_->free_memory(), device_->gpu()));
  }

  std::unique_ptr<NeighbourSession> open_table(const NeighbourTable& table, CsrView columns,
                                               std::span<const float> deviation) override {
    return cpu_->open_table(table, columns, deviation);
  }

 private:
  struct Plan {
    bool side_by_side = false;
    CudaOptions options;
    CudaMemoryPlan memory;
  };

  // Throws DeviceError where they are not there and the CPU shall not do without them.
  bool has_dense_matrices() const {
    const std::string problem = device_->dense_problem();
    if (problem.empty() || options_.cpu_without_libraries) return problem.empty();
    throw DeviceError(
        fmt::format("{}; iALS, EASE, neural networks and Gibbs sampling need it on a GPU: install "
                    "it, or use {} auto or cpu",
                    problem, option_name("device")));
  }

  // Whether the GPU samples; ratings in groups are left to the CPU.
  bool samples(const BayesProblem& problem) const {
    const bool grouped = !problem.user_groups.offset.empty() || !problem.item_groups.offset.empty();
    return !grouped && has_dense_matrices();
  }

  BayesPlan plan(const BayesProblem& problem) const {
    return plan_gpu_bayes(problem, LinkFeatures::kMostDense, device_->free_memory(),
                          device_->gpu());
  }

  GramPlan plan(const GramSize& size) const {
    return plan_gram(size, device_->multiprocessors(), device_->free_memory(), device_->gpu());
  }

  template <class T>
  bool invert(const GramProblem& problem, std::span<T> inverse) {
    if (!has_dense_matrices()) return cpu_->invert_gram(problem, inverse);
    const CsrView& rows = problem.rows;
    GramProblem checked = problem;
    checked.check_stop = [&] {
      check_stop();
      problem.check_stop();
    };
    return device_->invert_gram(
        checked, plan(GramSize{rows.rows(), rows.columns, rows.size(), sizeof(T)}), inverse);
  }

  CudaRingWork ring(const MfProblem& problem) const {
    if (options_.deterministic) {
      throw UsageError(fmt::format("several GPUs do not train alike in every run: leave out {}",
                                   option_name("deterministic")));
    }
    // A process is not stopped here, where others wait for it.
    ThreadPool threads(threads_);
    CudaRingWork work = divide_ring(problem, options_.precision, threads);
    work.check_stop = [cpu = cpu_] { cpu->check_stop(); };
    return work;
  }

  MfMemory plan(const CudaRingWork& work) const {
    return plan_ring(work, device_->free_memory(), device_->gpu(), device_->multiprocessors());
  }

  // Many models are trained side by side, each by one warp, which always gives the same bits: where
  // they are more than the warps that would train one of them, that is as fast.
  Plan plan(const MfProblem& problem, ThreadPool& threads) const {
    const std::uint64_t free = device_->free_memory();
    const int warps =
        hogwild_warps(problem.ratings.rows(), problem.ratings.columns, device_->multiprocessors());
    const auto memory = [&](const CudaOptions& options, bool side_by_side) {
      return plan_cuda_memory(problem, {options, side_by_side, warps}, free, device_->gpu(),
                              threads);
    };
    const bool many = std::ssize(problem.fits) > warps;
    if (problem.trainer == MfTrainer::automatic ? many
                                                : problem.trainer == MfTrainer::side_by_side) {
      const CudaOptions unordered{false, options_.precision};
      const CudaMemoryPlan planned = memory(unordered, true);
      if (planned.memory.chunks == 1) return {true, unordered, planned};
      if (problem.trainer == MfTrainer::side_by_side) {
        throw DeviceError(fmt::format(
            "{} has no room for all ratings, which training side by side needs: {} are free",
            device_->gpu(), size_text(free)));
      }
    }
    return {false, options_, memory(options_, false)};
  }

  static std::vector<std::shared_ptr<const RatedRows>> rated_rows(const MfProblem& problem,
                                                                  ThreadPool& threads) {
    std::vector<std::shared_ptr<const RatedRows>> rated;
    const auto& fits = problem.fits;
    for (std::size_t m = 0; m < fits.size(); ++m) {
      std::size_t same = 0;
      while (fits[same].train != fits[m].train) ++same;
      rated.push_back(same < m ? rated[same]
                               : std::make_shared<const RatedRows>(find_rated_rows(
                                     problem.ratings, problem.label, fits[m].train, threads)));
    }
    return rated;
  }

  std::unique_ptr<CudaDevice> device_;
  std::shared_ptr<Backend> cpu_;  // sessions may outlive this
  int threads_;
  CudaOptions options_;
  std::function<bool()> should_stop_;
};

}  // namespace

std::unique_ptr<Backend> make_cuda_backend(std::unique_ptr<CudaDevice> device,
                                           std::unique_ptr<Backend> cpu, int threads,
                                           const CudaOptions& options,
                                           std::function<bool()> should_stop) {
  return std::make_unique<CudaBackend>(std::move(device), std::move(cpu), threads, options,
                                       std::move(should_stop));
}

std::unique_ptr<Backend> open_cuda_backend(int device, int threads, const CudaOptions& options,
                                           const CpuKernels& kernels,
                                           std::function<bool()> should_stop) {
  const CudaStatus status = probe_cuda(device);
  if (!status.usable) {
    throw DeviceError(fmt::format("device cuda:{} cannot be used: {}", device, status.reason));
  }
  return make_cuda_backend(cuda_module().module->open(device),
                           make_cpu_backend(threads, kernels, should_stop), threads, options,
                           should_stop);
}

}  // namespace tusk
