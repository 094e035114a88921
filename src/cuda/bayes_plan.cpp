#include "cuda/bayes_plan.hpp"

#include <algorithm>

#include "cuda/available_memory.hpp"
#include "cuda/library_memory.hpp"
#include "cuda/row_layout.hpp"

namespace tusk {
namespace {

// Larger batches keep no more multiprocessors busy.
constexpr std::uint64_t kMostBatchBytes = std::uint64_t{4} << 30;
// As for iALS.
constexpr std::uint64_t kMostBayesSystems = 65'535;

std::uint64_t chunks_of(std::uint64_t count, std::uint64_t chunk) {
  return (count + chunk - 1) / chunk;
}

// A matrix, its rows in pieces of so many entries.
std::uint64_t pieces_bytes(std::uint64_t rows, std::uint64_t entries, std::uint64_t piece) {
  return entries * (sizeof(Index) + sizeof(float)) + 2 * (rows + 1) * sizeof(std::int64_t) +
         (entries / piece + rows + 1) * (sizeof(std::int64_t) + sizeof(Index));
}

// Features of one side: bytes beside BayesLinkRoom, whose sizes it raises.
std::uint64_t link_bytes(const CsrView& features, Index most_dense, std::uint64_t row_bytes,
                         BayesLinkSizes& sizes) {
  if (features.rows() == 0) return 0;
  const Index smaller = std::min(features.rows(), features.columns);
  const auto rows = static_cast<std::uint64_t>(features.rows());
  const auto columns = static_cast<std::uint64_t>(features.columns);
  const auto entries = static_cast<std::uint64_t>(features.size());
  const auto piece = static_cast<std::uint64_t>(kAlsPieceEntries);
  const std::int64_t decomposed = smaller <= most_dense ? smaller : 0;
  sizes.rows = std::max<std::int64_t>(sizes.rows, features.rows());
  sizes.decomposed = std::max(sizes.decomposed, decomposed);
  if (decomposed == 0) sizes.iterated = std::max<std::int64_t>(sizes.iterated, features.columns);
  sizes.pieces =
      std::max(sizes.pieces, static_cast<std::int64_t>(entries / piece + std::max(rows, columns)));
  const auto size = static_cast<std::uint64_t>(decomposed);
  return pieces_bytes(rows, entries, piece) + pieces_bytes(columns, entries, piece) +
         (size * size + columns) * sizeof(float) + (rows + columns) * row_bytes;
}

// Of BayesLinkRoom.
std::uint64_t room_bytes(const BayesLinkSizes& sizes, std::uint64_t chains, std::uint64_t stride) {
  if (sizes.rows == 0) return 0;
  const auto rows = static_cast<std::uint64_t>(sizes.rows + sizes.decomposed + sizes.pieces +
                                               5 * sizes.iterated + 1);
  const std::uint64_t sums = chunks_of(static_cast<std::uint64_t>(sizes.iterated), kMomentRows) + 3;
  return chains * (rows * stride * sizeof(float) + sums * stride * sizeof(double) +
                   2 * stride * stride * sizeof(float) + 2 * sizeof(float) + 1);
}

}  // namespace

BayesPlan plan_gpu_bayes(const BayesProblem& problem, Index most_dense, std::uint64_t free,
                         std::string_view gpu) {
  const auto users = static_cast<std::uint64_t>(problem.ratings.rows());
  const auto items = static_cast<std::uint64_t>(problem.ratings.columns);
  const auto entries = static_cast<std::uint64_t>(problem.ratings.size());
  const auto chains = static_cast<std::uint64_t>(problem.params.chains);
  const auto stride = static_cast<std::uint64_t>(bayes_stride(problem.params.factors));
  const auto width = static_cast<std::uint64_t>(problem.params.factors + 1);
  const auto piece = static_cast<std::uint64_t>(kBayesPieceEntries);
  const auto tiles = static_cast<std::uint64_t>(bayes_tiles(static_cast<int>(stride)));
  const std::uint64_t numbers = chains * tiles * kBayesTileFloats;
  const std::uint64_t row = chains * stride * sizeof(float);
  const std::uint64_t rows = std::max(users, items);
  BayesPlan plan;
  MfMemory& memory = plan.memory;
  memory.parameters = (users + items + 2 * (stride + 1)) * row;
  memory.ratings =
      pieces_bytes(users, entries, piece) + pieces_bytes(items, entries, piece) + users + items;
  const auto features = [&](const CsrView& side) {
    return static_cast<std::uint64_t>(side.rows() == 0 ? 0 : side.columns);
  };
  const std::uint64_t most_moments =
      std::max({rows, features(problem.user_features), features(problem.item_features)});
  std::uint64_t fixed = kDenseLibraryBytes + sizeof(int) +
                        chunks_of(most_moments, kMomentRows) * numbers * sizeof(float) +
                        numbers * sizeof(double) +
                        chains * (users * sizeof(double) + sizeof(float));
  for (const CsrView& side : {problem.user_features, problem.item_features}) {
    fixed += link_bytes(side, most_dense, row, plan.links);
  }
  fixed += room_bytes(plan.links, chains, stride);
  // A row may have all ratings of a user or of an item.
  const bool systems = !draws_in_shared_memory(problem.params.factors);
  const std::uint64_t of_piece = numbers * sizeof(float);
  const std::uint64_t of_row =
      systems ? chains * ((width + 1) * stride * sizeof(float) + sizeof(int) + 2 * sizeof(void*))
              : 0;
  const std::uint64_t pieces_of_row = rows / piece + 1;
  memory.working = fixed + of_row + pieces_of_row * of_piece;
  memory.available = available_memory(free);
  check_training_memory(memory, gpu);
  // As many rows as there is room for, with as many pieces and those that the longest has more.
  const std::uint64_t left = std::min(memory.available - memory.total(), kMostBatchBytes);
  const std::uint64_t batch_rows = std::clamp<std::uint64_t>(
      left / (of_row + of_piece) + 1, 1,
      systems ? std::min(rows, std::max<std::uint64_t>(1, kMostBayesSystems / chains)) : rows);
  const std::uint64_t batch_pieces = std::min(
      pieces_of_row + (left - (batch_rows - 1) * of_row) / of_piece, rows + entries / piece);
  plan.batch = {static_cast<Index>(batch_rows), static_cast<std::int64_t>(batch_pieces)};
  memory.working = fixed + batch_rows * of_row + batch_pieces * of_piece;
  return plan;
}

}  // namespace tusk
