#include "cuda/memory_plan.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "backend/fit_parts.hpp"
#include "cuda/available_memory.hpp"
#include "cuda/row_layout.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// A smaller part of the ratings is not worth a copy.
constexpr std::uint64_t kSmallestChunk = std::uint64_t{1} << 20;

std::uint64_t row_count(const MfProblem& problem) {
  return static_cast<std::uint64_t>(problem.ratings.rows()) +
         static_cast<std::uint64_t>(problem.ratings.columns);
}

// Places at which an epoch of a model adds errors.
std::size_t trained_places(const CudaTraining& training, int stripes) {
  if (training.side_by_side) return 1;
  return static_cast<std::size_t>(training.options.deterministic ? stripes : training.warps);
}

std::uint64_t parameter_bytes(const MfProblem& problem, const CudaTraining& training, int stripes) {
  const std::uint64_t rows = row_count(problem);
  std::uint64_t bytes = 0;
  for (const MfFit& fit : problem.fits) {
    const std::uint64_t model =
        rows * row_layout(fit.params.factors, training.options.precision).bytes();
    bytes += fit.validate.any() ? 2 * model : model;
    // The sums of errors and their total.
    bytes += (error_places(trained_places(training, stripes)) + 1) * sizeof(ErrorSums);
    if (training.side_by_side) bytes += kSideBySideBytes;
  }
  return bytes;
}

// While models are made: which rows of one have ratings. Afterwards parameters on their way to the
// host, and how many runs are taken.
std::uint64_t working_bytes(const MfProblem& problem, const CudaTraining& training) {
  std::size_t unpacked = 0;
  for (const MfFit& fit : problem.fits) {
    unpacked = std::max(unpacked, unpacked_floats(problem.ratings.rows(), problem.ratings.columns,
                                                  fit.params.factors));
  }
  const bool shares_runs = !training.options.deterministic && !training.side_by_side;
  return std::max<std::uint64_t>(row_count(problem) * sizeof(std::uint8_t),
                                 unpacked * sizeof(float)) +
         (shares_runs ? sizeof(unsigned long long) : 0);
}

// Of runs or, if there are any, of blocks of so many stripes.
std::uint64_t order_bytes(const MfProblem& problem, const LabelSet& part, int stripes,
                          ThreadPool& threads) {
  if (stripes > 0) {
    const auto count = static_cast<std::uint64_t>(stripes);
    // The first rating of each block; the first rows of stripes, and the order of these; rows and
    // their numbers both ways.
    return (count * count + 1) * sizeof(std::int64_t) + 2 * (count + 1) * sizeof(Index) +
           2 * count * sizeof(int) + 2 * row_count(problem) * sizeof(Index);
  }
  std::uint64_t runs = 0;
  for (const std::int64_t count : count_by_user(problem.ratings, problem.label, part, threads)) {
    runs += static_cast<std::uint64_t>(runs_of_user(count));
  }
  return runs * sizeof(UserRun);
}

[[noreturn]] void refuse(const MfMemory& memory, std::string_view gpu, bool deterministic) {
  throw DeviceError(fmt::format(
      "training needs {} of GPU memory ({} for parameters, {} for ratings, {} for validation, {} "
      "of working memory) and {} has {} left; take fewer {}, {} fp16{} or {} cpu",
      size_text(memory.total()), size_text(memory.parameters), size_text(memory.ratings),
      size_text(memory.validation), size_text(memory.working), gpu, size_text(memory.available),
      option_name("factors"), option_name("precision"),
      deterministic ? ", no " + option_name("deterministic") : "", option_name("device")));
}

}  // namespace

CudaMemoryPlan plan_cuda_memory(const MfProblem& problem, const CudaTraining& training,
                                std::uint64_t free, std::string_view gpu, ThreadPool& threads) {
  const auto count = count_labels(problem.label);
  const LabelSet part = trained_on(problem.fits);
  const std::int64_t ratings = count_part(count, part);
  const auto validation = static_cast<std::uint64_t>(count_part(count, validated_on(problem.fits)));
  const bool labelled = !same_part(problem.fits);
  const bool deterministic = training.options.deterministic;
  const int stripes =
      deterministic ? strata_stripes(ratings, problem.ratings.rows(), problem.ratings.columns) : 0;

  CudaMemoryPlan plan;
  MfMemory& memory = plan.memory;
  memory.available = available_memory(free);
  memory.parameters = parameter_bytes(problem, training, stripes);
  memory.validation = validation * (2 * sizeof(Index) + sizeof(float));
  memory.ratings = static_cast<std::uint64_t>(ratings) * rating_bytes(labelled) +
                   order_bytes(problem, part, stripes, threads);
  memory.working = working_bytes(problem, training);
  plan.chunk_bytes = memory.ratings;
  if (memory.total() <= memory.available) return plan;

  const std::uint64_t fixed = memory.parameters + memory.validation + memory.working;
  const std::uint64_t left = memory.available > fixed ? memory.available - fixed : 0;
  if (deterministic || left / 2 < kSmallestChunk) {
    if (!deterministic) memory.ratings = std::min(memory.ratings, 2 * kSmallestChunk);
    refuse(memory, gpu, deterministic);
  }
  plan.chunk_bytes = left / 2;
  memory.chunks = static_cast<int>((memory.ratings + plan.chunk_bytes - 1) / plan.chunk_bytes);
  memory.ratings = 2 * plan.chunk_bytes;
  return plan;
}

}  // namespace tusk
