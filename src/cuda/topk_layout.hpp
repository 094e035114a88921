// How top-K search on a GPU lays out factors and lists, known to both sides of the CUDA module.
//
// Factors are fp16 in the order in which the lanes of a warp hold the operands of the tensor cores'
// 16 x 8 x 16 product (PTX ISA, "Matrix Fragments for mma.m16n8k16"), so that a lane takes 16 bytes
// at a time and a warp 512 bytes in a row.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <tusk/types.hpp>

#include "support/host_device.hpp"

namespace tusk {

inline constexpr int kChunkFactors = 32;  // rows are padded with zeros to whole chunks
inline constexpr int kTileUsers = 16;
inline constexpr int kTileItems = 8;
inline constexpr int kStepItems = 64;  // items between two looks at how long the lists have become
inline constexpr int kWarpUsers = 32;
inline constexpr int kBlockWarps = 4;
inline constexpr int kBlockUsers = kBlockWarps * kWarpUsers;

// Scales of factors are powers of two between this and its opposite.
inline constexpr int kMostScaleExponent = 60;

// The longest lists that are found on a GPU.
inline constexpr int kLongestGpuList = 1024;

// 1, 2 and 4 of them have a search of their own.
TUSK_HD int factor_chunks(int factors) {
  const int chunks = (factors + kChunkFactors - 1) / kChunkFactors;
  return chunks == 3 ? 4 : chunks;
}

// Where the factor of a user is among all users' values.
TUSK_HD std::size_t user_factor_place(int user, int factor, int chunks) {
  const int row = user % kTileUsers;
  const int k = factor % 16;
  const int lane = row % 8 * 4 + k % 8 / 2;
  const int element = k / 8 * 4 + row / 8 * 2 + k % 2;
  const auto step =
      static_cast<std::size_t>(user / kTileUsers) * static_cast<std::size_t>(chunks) * 2 +
      static_cast<std::size_t>(factor / 16);
  return step * 256 + static_cast<std::size_t>(lane * 8 + element);
}

// Where the factor of an item is among all items' values.
TUSK_HD std::size_t item_factor_place(int item, int factor, int chunks) {
  const int k = factor % 16;
  const int lane = item % kTileItems * 4 + k % 8 / 2;
  const int element = factor % kChunkFactors / 16 * 4 + k / 8 * 2 + k % 2;
  const auto chunk =
      static_cast<std::size_t>(item / kTileItems) * static_cast<std::size_t>(chunks) +
      static_cast<std::size_t>(factor / kChunkFactors);
  return chunk * 256 + static_cast<std::size_t>(lane * 8 + element);
}

// A user's list of what may be among the best k. It is shortened once `fresh` entries have come,
// and must then have room for all that one step can bring.
struct ListSizes {
  int k = 0;
  int fresh = 0;
  int capacity = 0;

  // The longest that a list may be when a step begins.
  TUSK_HD int longest() const { return capacity - kStepItems; }
  // The length at which one that is `kept` long now is shortened.
  TUSK_HD int next_look(int kept) const {
    return kept + fresh < longest() ? kept + fresh : longest();
  }
};

inline ListSizes list_sizes(int k) {
  constexpr int kLeastFresh = 48;
  ListSizes sizes;
  sizes.k = k;
  sizes.fresh = std::max(k, kLeastFresh);
  // Beside the best k there are those that the bound on rounding cannot tell from them.
  const int kept = k + k / 4 + 64;
  sizes.capacity = (kept + sizes.fresh + kStepItems + 31) / 32 * 32;
  return sizes;
}

// GPU memory that a user takes while being searched for: packed factors and what goes with them,
// the list, and the result.
inline std::uint64_t batch_bytes_per_user(int factors, int k) {
  constexpr std::uint64_t kEntry = sizeof(float) + sizeof(Index);
  constexpr std::uint64_t kConstants = 4 * sizeof(float) + 2 * sizeof(Index);
  const int entries = list_sizes(k).capacity + k;
  return static_cast<std::uint64_t>(factor_chunks(factors) * kChunkFactors) * 2 +
         static_cast<std::uint64_t>(entries) * kEntry + kConstants;
}

// How many of so many users are searched for at a time in `bytes` of memory: whole blocks of them.
inline std::size_t users_per_batch(std::uint64_t bytes, int factors, int k, std::size_t users) {
  constexpr std::size_t kBlock = kBlockUsers;
  const auto blocks = static_cast<std::size_t>(bytes / (kBlock * batch_bytes_per_user(factors, k)));
  return std::clamp<std::size_t>(blocks, 1, (users + kBlock - 1) / kBlock) * kBlock;
}

}  // namespace tusk
