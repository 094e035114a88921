// How a GPU trains iALS: what its memory holds, and how rows are divided among warps.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "backend/als_session.hpp"
#include "backend/backend.hpp"

namespace tusk {

// A row's entries in pieces of at most so many, each of which is a warp's, so that the
// longest rows take no longer than others. Pieces follow each other as the entries do.
struct AlsPieces {
  std::vector<std::int64_t> begin;  // by piece, its first entry; one more at the end
  std::vector<Index> row;           // by piece
  std::vector<std::int64_t> first;  // by row, its first piece; one more at the end
};

inline constexpr std::int64_t kAlsPieceEntries = 512;

AlsPieces divide_rows(const CsrView& weights, std::int64_t most_entries = kAlsPieceEntries);

// The most that a batch of rows, which are solved at the same time, may have.
struct AlsBatchLimits {
  Index rows = 0;
  std::int64_t pieces = 0;
};

struct AlsPlan {
  MfMemory memory;
  AlsBatchLimits batch;
  std::function<void()> check_stop = [] {};  // called between batches; what it throws ends the work
};

// Floats from row to row of factors.
int als_stride(int factors);

// The row with which each batch begins, and the number of rows at the end. A batch has at least one
// row.
std::vector<Index> als_batches(const AlsPieces& pieces, const AlsBatchLimits& limits);

// `free` has the bytes that are free now. Throws DeviceError, which says how many are needed, if
// they are too few. `gpu` is its name.
AlsPlan plan_gpu_als(const AlsProblem& problem, std::uint64_t free, std::string_view gpu);

}  // namespace tusk
