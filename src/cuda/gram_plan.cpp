#include "cuda/gram_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "cuda/available_memory.hpp"
#include "cuda/library_memory.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// As many as keep a multiprocessor busy.
constexpr int kWarpsByMultiprocessor = 16;

// Large products are fastest; but what is eliminated is inverted by itself, in slower steps.
std::size_t tile_of(std::size_t rows) {
  constexpr std::size_t kLeast = 64;
  constexpr std::size_t kMost = 2048;
  return std::clamp((rows / 8 + kLeast - 1) / kLeast * kLeast, kLeast, kMost);
}

}  // namespace

GramPlan plan_gram(const GramSize& size, int multiprocessors, std::uint64_t free,
                   std::string_view gpu) {
  const auto rows = static_cast<std::uint64_t>(size.rows);
  const auto columns = static_cast<std::uint64_t>(size.columns);
  GramPlan plan;
  plan.tile = tile_of(rows);
  const std::uint64_t sparse =
      2 * static_cast<std::uint64_t>(size.entries) * (sizeof(Index) + sizeof(float)) +
      (rows + columns + 2) * sizeof(std::int64_t) + (rows + columns) * sizeof(double);
  // The matrix, two panels, and what is eliminated with the solver's room for it.
  const std::uint64_t dense = (rows * rows + 2 * rows * plan.tile + 3 * plan.tile * plan.tile) *
                              static_cast<std::uint64_t>(size.number);
  const std::uint64_t row_of_sums = rows * sizeof(double);
  const std::uint64_t needed = sparse + dense + row_of_sums + kDenseLibraryBytes;
  const std::uint64_t available = available_memory(free);
  if (needed > available) {
    throw DeviceError(fmt::format(
        "the inverse of a matrix of {} takes {} of GPU memory, and {} has {} left; use {} cpu",
        count_text(size.rows, "row"), size_text(needed), gpu, size_text(available),
        option_name("device")));
  }
  const auto most = static_cast<std::uint64_t>(multiprocessors * kWarpsByMultiprocessor);
  plan.sums = static_cast<int>(
      std::clamp<std::uint64_t>((available - needed) / row_of_sums + 1, 1, std::min(most, rows)));
  return plan;
}

}  // namespace tusk
