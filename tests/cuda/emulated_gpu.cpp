// The emulated GPU as a device, and its launches but those of dense algebra and networks.
#include "tests/cuda/emulated_gpu.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include <cuda_runtime_api.h>

#include "cuda_als_session.hpp"
#include "cuda_bayes_session.hpp"
#include "cuda_check.hpp"
#include "cuda_dot_session.hpp"
#include "cuda_gram_inverse.hpp"
#include "cuda_mf_session.hpp"
#include "cuda_neural_session.hpp"
#include "cuda_ring_session.hpp"
#include "cuda_similar_session.hpp"
#include "hogwild_launch.hpp"
#include "model_launch.hpp"
#include "nearest_launch.hpp"
#include "similar_launch.hpp"
#include "strata_launch.hpp"
#include "topk_launch.hpp"

// clang-format off
#include "tests/cuda/warp_emulator.hpp"  // before device code
#include "tests/cuda/kernel_choice.hpp"
#include "tests/cuda/tensor_core_emulator.hpp"
#include "topk_collect.cuh"
#include "topk_finish.cuh"
#include "topk_pack.cuh"
#include "nearest_kernel.cuh"
#include "segment_kernel.cuh"
#include "similar_kernel.cuh"
// clang-format on

namespace tusk::test {
namespace {

class EmulatedGpu : public CudaDevice {
 public:
  std::string gpu() const override { return "emulated GPU"; }
  std::uint64_t free_memory() const override {
    return emulated_memory().limit - emulated_memory().used;
  }
  std::unique_ptr<MfSession> open_mf(CudaMfWork work) override {
    return std::make_unique<CudaMfSession>(0, std::move(work));
  }
  std::unique_ptr<MfSession> open_ring(CudaRingWork work) override {
    return std::make_unique<CudaRingSession>(0, std::move(work));
  }
  std::unique_ptr<DotSession> open_dot(const CudaDotWork& work) override {
    return std::make_unique<CudaDotSession>(0, work);
  }
  int multiprocessors() const override { return 2; }
  // So little that rows are divided into many ranges.
  SharedMemory shared_memory() const override { return {16 * (1536 + 1024), 1024}; }
  std::unique_ptr<NeighbourSession> open_similar(const NeighbourProblem& problem,
                                                 const NeighbourPlan& plan) override {
    return std::make_unique<CudaSimilarSession>(0, problem, plan);
  }
  std::string dense_problem() const override { return {}; }
  std::unique_ptr<AlsSession> open_als(const AlsProblem& problem, const AlsPlan& plan) override {
    return std::make_unique<CudaAlsSession>(0, problem, plan);
  }
  std::unique_ptr<NeuralSession> open_neural(const CudaNeuralWork& work) override {
    return std::make_unique<CudaNeuralSession>(0, work);
  }
  std::unique_ptr<BayesSession> open_bayes(const CudaBayesWork& work) override {
    return std::make_unique<CudaBayesSession>(0, work);
  }
  bool invert_gram(const GramProblem& problem, const GramPlan& plan,
                   std::span<float> inverse) override {
    return invert_gram_on_gpu(0, problem, plan, inverse);
  }
  bool invert_gram(const GramProblem& problem, const GramPlan& plan,
                   std::span<double> inverse) override {
    return invert_gram_on_gpu(0, problem, plan, inverse);
  }
};

}  // namespace

void run_warps(cudaStream_t stream, int warps, const std::function<void()>& kernel) {
  TUSK_CUDA_TRY(queue(stream, [warps, kernel] {
    const auto count = static_cast<unsigned>(warps);
    for (unsigned block = 0; block < count; ++block) EmulatedWarp::run(block, count, kernel);
  }));
}

std::unique_ptr<CudaDevice> open_emulated_gpu() { return std::make_unique<EmulatedGpu>(); }

}  // namespace tusk::test

// The launches.
namespace tusk {

void launch_hogwild(Precision precision, const HogwildArguments& arguments, int warps,
                    cudaStream_t stream) {
  const auto kernels = test::hogwild_kernels(precision, arguments.rows.factors_per_lane);
  test::run_warps(stream, warps, [&] { kernels.one_model(arguments); });
}

void launch_side_by_side(Precision precision, int factors_per_lane, const HogwildArguments* models,
                         int count, cudaStream_t stream) {
  const auto kernels = test::hogwild_kernels(precision, factors_per_lane);
  test::run_warps(stream, count, [&] { kernels.side_by_side(models); });
}

void launch_strata(Precision precision, const StrataArguments& arguments, cudaStream_t stream) {
  const auto function = test::strata_kernel(precision, arguments.rows.factors_per_lane);
  test::run_warps(stream, arguments.stripes, [&] { function(arguments); });
}

void launch_initial_factors(Precision precision, const InitialFactors& initial,
                            cudaStream_t stream) {
  const auto function =
      precision == Precision::fp16 ? fill_initial_factors<__half> : fill_initial_factors<float>;
  test::run_warps(stream, 3, [&] { function(initial); });
}

void launch_unpacking(Precision precision, const RowsToUnpack& rows, cudaStream_t stream) {
  const auto function = precision == Precision::fp16 ? unpack_rows<__half> : unpack_rows<float>;
  test::run_warps(stream, 3, [&] { function(rows); });
}

void launch_validation(Precision precision, const ValidationArguments& arguments,
                       cudaStream_t stream) {
  const auto function =
      precision == Precision::fp16 ? sum_validation_errors<__half> : sum_validation_errors<float>;
  test::run_warps(stream, 3, [&] { function(arguments); });
}

void launch_error_total(const ErrorSums* sums, int count, ErrorSums* total, cudaStream_t stream) {
  test::run_warps(stream, 1, [&] { add_up_errors(sums, count, total); });
}

// Shared memory of the block that runs.
uint4 strata_shared[(48 << 10) / sizeof(uint4)];
uint4 top_k_shared[collect_shared_bytes(4) / sizeof(uint4)];
std::uint64_t top_k_key[4096];

void launch_pack_items(const TopKArguments& arguments, cudaStream_t stream) {
  test::run_warps(stream, arguments.items.steps * kStepItems, [&] { pack_items(arguments); });
}

void launch_pack_users(const TopKArguments& arguments, cudaStream_t stream) {
  test::run_warps(stream, arguments.users.padded, [&] { pack_users(arguments); });
}

void launch_collect_best(const TopKArguments& arguments, cudaStream_t stream) {
  const auto function = arguments.chunks == 1   ? collect_best<1, 1>
                        : arguments.chunks == 2 ? collect_best<2, 1>
                        : arguments.chunks == 4 ? collect_best<4, 1>
                                                : collect_best<0, 1>;
  // Warps whose users are all missing have nothing to do.
  const int warps = (arguments.users.users + kWarpUsers - 1) / kWarpUsers;
  test::run_warps(stream, warps, [&] { function(arguments); });
}

void launch_finish_lists(const TopKArguments& arguments, cudaStream_t stream) {
  test::run_warps(stream, arguments.users.users, [&] { finish_lists(arguments); });
}

// A block's own, as much as a kernel may have without asking.
double shared_memory[6144];

namespace {

template <template <int> class SumsOf>
void run_similarities(const SimilarityArguments& arguments, cudaStream_t stream) {
  const RowRanges& ranges = arguments.segments.ranges;
  test::run_warps(stream, static_cast<int>(arguments.count) * ranges.ranges,
                  [&] { similarities<SumsOf>(arguments); });
}

}  // namespace

std::size_t segment_scratch_bytes(const DeviceRows&, const RowRanges&) { return 1; }

void launch_segments(const DeviceRows& rows, const Segments& segments, void*, std::size_t,
                     cudaStream_t stream) {
  const auto count =
      static_cast<std::size_t>(segments.ranges.ranges) * static_cast<std::size_t>(rows.columns);
  std::fill_n(segments.first, count + 1, 0u);
  test::run_warps(stream, 3, [&] { count_segments(rows, segments); });
  std::exclusive_scan(segments.first + 1, segments.first + 1 + count, segments.first + 1, 0u);
  test::run_warps(stream, 3, [&] { place_entries(rows, segments); });
}

void launch_squares(const DeviceRows& rows, double* squares, cudaStream_t stream) {
  test::run_warps(stream, 3, [&] { sum_squares(rows, squares); });
}

void launch_similarities(Measure measure, const SimilarityArguments& arguments,
                         cudaStream_t stream) {
  switch (measure) {
    case Measure::whole_cosine:
      return run_similarities<WholeCosine>(arguments, stream);
    case Measure::counted_cosine:
      return run_similarities<CountedCosine>(arguments, stream);
    case Measure::corated_cosine:
      return run_similarities<CoratedCosine>(arguments, stream);
    case Measure::pearson:
      return run_similarities<Pearson>(arguments, stream);
    case Measure::baseline_pearson:
      return run_similarities<BaselinePearson>(arguments, stream);
    case Measure::mean_squared_difference:
      return run_similarities<MeanSquaredDifference>(arguments, stream);
  }
}

void launch_choice(const NearestArguments& arguments, cudaStream_t stream) {
  test::run_warps(stream, static_cast<int>(arguments.lists), [&] {
    arguments.column == nullptr ? choose_nearest<false>(arguments)
                                : choose_nearest<true>(arguments);
  });
}

std::size_t sort_scratch_bytes(std::int64_t, std::int64_t) { return 1; }

void launch_sort(NearestArguments& arguments, double* other_found, Index* other_candidate, void*,
                 std::size_t, cudaStream_t stream) {
  TUSK_CUDA_TRY(test::start_on(stream));
  for (std::int64_t list = 0; list < arguments.lists; ++list) {
    const std::int64_t begin = arguments.begin[list];
    std::vector<std::int64_t> order(static_cast<std::size_t>(arguments.end[list] - begin));
    std::iota(order.begin(), order.end(), begin);
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return arguments.found[a] > arguments.found[b];
    });
    for (std::size_t n = 0; n < order.size(); ++n) {
      other_found[begin + static_cast<std::int64_t>(n)] = arguments.found[order[n]];
      other_candidate[begin + static_cast<std::int64_t>(n)] = arguments.candidate[order[n]];
    }
  }
  arguments.found = other_found;
  arguments.candidate = other_candidate;
}

void launch_lists(const NearestArguments& arguments, Index* index, float* score,
                  cudaStream_t stream) {
  test::run_warps(stream, 2, [&] { write_lists(arguments, index, score); });
}

void launch_sums(const NearestArguments& arguments, NeighbourSums* sums, cudaStream_t stream) {
  test::run_warps(stream, static_cast<int>((arguments.lists + kWarpLanes - 1) / kWarpLanes),
                  [&] { add_up_lists(arguments, sums); });
}

}  // namespace tusk
