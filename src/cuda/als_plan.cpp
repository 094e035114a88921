#include "cuda/als_plan.hpp"

#include <algorithm>

#include "cuda/available_memory.hpp"
#include "cuda/library_memory.hpp"

namespace tusk {
namespace {

// More rows at a time than this gives room for keep no more multiprocessors busy.
constexpr std::uint64_t kMostAlsBatchBytes = std::uint64_t{4} << 30;
// Of matrices that cuSOLVER decomposes in one call: some of its kernels have a block for each in a
// dimension of the grid that has no more.
constexpr std::uint64_t kMostSystems = 65'535;

// Bytes of a batch, for each of its rows and pieces: see AlsArguments.
struct BatchBytes {
  std::uint64_t row = 0;
  std::uint64_t piece = 0;
};

BatchBytes batch_bytes(const AlsParams& params) {
  constexpr std::uint64_t kScalars = 32;
  const auto floats = static_cast<std::uint64_t>(als_stride(params.factors));
  const std::uint64_t row = floats * sizeof(float);
  if (params.method == AlsMethod::cholesky) return {(floats + 2) * row + kScalars, 0};
  return {3 * row + kScalars, row + sizeof(double)};
}

// As many as there are bytes for, from 1 to `most`.
std::uint64_t how_many(std::uint64_t bytes, std::uint64_t each, std::uint64_t most) {
  return each == 0 ? most : std::clamp<std::uint64_t>(bytes / each, 1, most);
}

}  // namespace

AlsPlan plan_gpu_als(const AlsProblem& problem, std::uint64_t free, std::string_view gpu) {
  const CsrView& weights = problem.weights;
  const auto users = static_cast<std::uint64_t>(weights.rows());
  const auto items = static_cast<std::uint64_t>(weights.columns);
  const auto entries = static_cast<std::uint64_t>(weights.size());
  const auto piece_entries = static_cast<std::uint64_t>(kAlsPieceEntries);
  const auto stride = static_cast<std::uint64_t>(als_stride(problem.params.factors));
  const std::uint64_t row = stride * sizeof(float);
  const std::uint64_t rows = std::max(users, items);
  AlsPlan plan;
  // With what is added to their matrices, and which of them have entries.
  plan.memory.parameters = (users + items) * (row + sizeof(float) + sizeof(std::uint8_t));
  // Both ways, with their pieces: by piece where it begins and its row, by row its first piece.
  const std::uint64_t pieces = 2 * (entries / piece_entries) + users + items;
  plan.memory.ratings = 2 * entries * (sizeof(Index) + sizeof(float)) +
                        (users + items + 2) * 2 * sizeof(std::int64_t) +
                        pieces * (sizeof(std::int64_t) + sizeof(Index));
  const std::uint64_t fixed = stride * row + rows * sizeof(double) + kDenseLibraryBytes;
  // A row may have all entries of a column or a user.
  const BatchBytes each = batch_bytes(problem.params);
  const std::uint64_t pieces_of_row = rows / piece_entries + 1;
  const std::uint64_t least = each.row + pieces_of_row * each.piece;
  plan.memory.working = fixed + least;
  plan.memory.available = available_memory(free);
  check_training_memory(plan.memory, gpu);
  // Half of what is left is for rows and half for pieces, of which there may be as many.
  const std::uint64_t left =
      std::min(plan.memory.available - plan.memory.total(), kMostAlsBatchBytes);
  const bool systems = problem.params.method == AlsMethod::cholesky;
  const std::uint64_t for_rows = each.row + (systems ? left : left / 2);
  const std::uint64_t most_pieces = rows + entries / piece_entries;
  const std::uint64_t batch_rows =
      how_many(for_rows, each.row, systems ? std::min(rows, kMostSystems) : rows);
  const std::uint64_t batch_pieces =
      how_many(pieces_of_row * each.piece + left / 2, each.piece, most_pieces);
  plan.batch = {static_cast<Index>(batch_rows), static_cast<std::int64_t>(batch_pieces)};
  plan.memory.working = fixed + batch_rows * each.row + batch_pieces * each.piece;
  return plan;
}

}  // namespace tusk
