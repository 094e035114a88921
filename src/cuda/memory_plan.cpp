#include "cuda/memory_plan.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "backend/fit_parts.hpp"
#include "cuda/available_memory.hpp"
#include "cuda/row_layout.hpp"
#include "cuda/validation_warps.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// A smaller part of the ratings is not worth a copy.
constexpr std::uint64_t kSmallestChunk = std::uint64_t{1} << 20;

std::uint64_t parameter_bytes(const MfProblem& problem, Precision precision) {
  const auto rows = static_cast<std::uint64_t>(problem.ratings.rows()) +
                    static_cast<std::uint64_t>(problem.ratings.columns);
  std::uint64_t bytes = 0;
  for (const MfFit& fit : problem.fits) {
    const std::uint64_t model = rows * row_layout(fit.params.factors, precision).bytes();
    bytes += fit.validate.any() ? 2 * model : model;
    bytes += kValidationWarps * sizeof(ErrorSums);
  }
  return bytes;
}

// Of runs or of blocks, as the ratings are arranged.
std::uint64_t order_bytes(const MfProblem& problem, const LabelSet& part, std::int64_t ratings,
                          bool deterministic, ThreadPool& threads) {
  if (deterministic) {
    const auto stripes = static_cast<std::uint64_t>(
        strata_stripes(ratings, problem.ratings.rows(), problem.ratings.columns));
    const auto rows = static_cast<std::uint64_t>(problem.ratings.rows()) +
                      static_cast<std::uint64_t>(problem.ratings.columns);
    // The first rating of each block, and rows and their numbers both ways.
    return (stripes * stripes + 1) * sizeof(std::int64_t) + 2 * rows * sizeof(Index);
  }
  std::uint64_t runs = 0;
  for (const std::int64_t count : count_by_user(problem.ratings, problem.label, part, threads)) {
    runs += static_cast<std::uint64_t>(runs_of_user(count));
  }
  return runs * sizeof(UserRun);
}

[[noreturn]] void refuse(const MfMemory& memory, std::string_view gpu, bool deterministic) {
  throw DeviceError(fmt::format(
      "training needs {} of GPU memory ({} for parameters, {} for ratings, {} for validation) and "
      "{} has {} left; take fewer --factors, --precision fp16{} or --device cpu",
      size_text(memory.total()), size_text(memory.parameters), size_text(memory.ratings),
      size_text(memory.validation), gpu, size_text(memory.available),
      deterministic ? ", no --deterministic" : ""));
}

}  // namespace

CudaMemoryPlan plan_cuda_memory(const MfProblem& problem, const CudaOptions& options,
                                std::uint64_t free, std::string_view gpu, ThreadPool& threads) {
  const auto count = count_labels(problem.label);
  const LabelSet part = trained_on(problem.fits);
  const std::int64_t ratings = count_part(count, part);
  const auto validation = static_cast<std::uint64_t>(count_part(count, validated_on(problem.fits)));
  const bool labelled = !same_part(problem.fits);

  CudaMemoryPlan plan;
  MfMemory& memory = plan.memory;
  memory.available = available_memory(free);
  memory.parameters = parameter_bytes(problem, options.precision);
  memory.validation = validation * (2 * sizeof(Index) + sizeof(float));
  memory.ratings = static_cast<std::uint64_t>(ratings) * rating_bytes(labelled) +
                   order_bytes(problem, part, ratings, options.deterministic, threads);
  plan.chunk_bytes = memory.ratings;
  if (memory.total() <= memory.available) return plan;

  const std::uint64_t fixed = memory.parameters + memory.validation;
  const std::uint64_t left = memory.available > fixed ? memory.available - fixed : 0;
  if (options.deterministic || left / 2 < kSmallestChunk) {
    if (!options.deterministic) memory.ratings = std::min(memory.ratings, 2 * kSmallestChunk);
    refuse(memory, gpu, options.deterministic);
  }
  plan.chunk_bytes = left / 2;
  memory.chunks = static_cast<int>((memory.ratings + plan.chunk_bytes - 1) / plan.chunk_bytes);
  memory.ratings = 2 * plan.chunk_bytes;
  return plan;
}

}  // namespace tusk
