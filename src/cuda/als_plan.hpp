// How a GPU trains iALS: what its memory holds, and how rows are divided among warps.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "backend/als_session.hpp"
#include "backend/backend.hpp"

namespace tusk {

// A row's entries in pieces of at most kAlsPieceEntries, each of which is a warp's, so that the
// longest rows take no longer than others. Pieces follow each other as the entries do.
struct AlsPieces {
  std::vector<std::int64_t> begin;  // by piece, its first entry; one more at the end
  std::vector<Index> row;           // by piece
  std::vector<std::int64_t> first;  // by row, its first piece; one more at the end
};

inline constexpr std::int64_t kAlsPieceEntries = 512;

AlsPieces divide_rows(const CsrView& weights);

struct AlsPlan {
  MfMemory memory;
  std::uint64_t batch_bytes = 0;  // of those that are solved at a time
};

// Floats from row to row of factors.
int als_stride(int factors);

// Bytes of a row of factors, and of what solving one of so many pieces takes.
std::uint64_t als_row_bytes(const AlsParams& params);
std::uint64_t als_solving_bytes(const AlsParams& params, std::uint64_t pieces);

// The rows from which on batches begin that take at most so many bytes, and the number of rows at
// the end. A batch has at least one row.
std::vector<Index> als_batches(const AlsParams& params, const AlsPieces& pieces,
                               std::uint64_t batch_bytes);

// `free` has the bytes that are free now. Throws DeviceError, which says how many are needed, if
// they are too few. `gpu` is its name.
AlsPlan plan_gpu_als(const AlsProblem& problem, std::uint64_t free, std::string_view gpu);

}  // namespace tusk
