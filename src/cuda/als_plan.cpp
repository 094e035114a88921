#include "cuda/als_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "cuda/available_memory.hpp"
#include "cuda/library_memory.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// More rows at a time than this gives room for keep no more multiprocessors busy.
constexpr std::uint64_t kMostAlsBatchBytes = std::uint64_t{4} << 30;

}  // namespace

AlsPlan plan_gpu_als(const AlsProblem& problem, std::uint64_t free, std::string_view gpu) {
  const CsrView& weights = problem.weights;
  const auto users = static_cast<std::uint64_t>(weights.rows());
  const auto items = static_cast<std::uint64_t>(weights.columns);
  const auto entries = static_cast<std::uint64_t>(weights.size());
  const std::uint64_t row = als_row_bytes(problem.params);
  const std::uint64_t most_pieces =
      std::max(users, items) / static_cast<std::uint64_t>(kAlsPieceEntries) + 1;
  AlsPlan plan;
  plan.memory.parameters = (users + items) * (row + sizeof(float));
  // Both ways, with their pieces: by piece where it begins and its row, by row its first piece.
  const std::uint64_t pieces =
      2 * (entries / static_cast<std::uint64_t>(kAlsPieceEntries)) + users + items;
  plan.memory.ratings = 2 * entries * (sizeof(Index) + sizeof(float)) +
                        (users + items + 2) * 2 * sizeof(std::int64_t) +
                        pieces * (sizeof(std::int64_t) + sizeof(Index));
  const std::uint64_t fixed = static_cast<std::uint64_t>(als_stride(problem.params.factors)) * row +
                              std::max(users, items) * sizeof(double) + kDenseLibraryBytes;
  const std::uint64_t least = als_solving_bytes(problem.params, most_pieces);
  plan.memory.working = fixed + least;
  plan.memory.available = available_memory(free);
  if (plan.memory.total() > plan.memory.available) {
    throw DeviceError(fmt::format(
        "training needs {} of GPU memory and {} has {} left; take fewer {}, or use {} cpu",
        size_text(plan.memory.total()), gpu, size_text(plan.memory.available),
        option_name("factors"), option_name("device")));
  }
  const std::uint64_t left = plan.memory.available - plan.memory.total();
  plan.batch_bytes = std::max(least, std::min(least + left, kMostAlsBatchBytes));
  plan.memory.working = fixed + plan.batch_bytes;
  return plan;
}

}  // namespace tusk
