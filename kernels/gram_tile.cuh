// Device code: sums of products of numbers that belong to entries, which are matrices, in tiles of
// 32 x 32 numbers, each a warp's. All sums are in the order of the entries.
//
// Entries come into shared memory 32 at a time; each lane adds to 4 x 8 numbers. Memory an entry
// and tile: what the caller reads of it.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tusk/types.hpp>

#include "cuda/gram_tiles.hpp"
#include "warp.cuh"

namespace tusk {

inline constexpr std::size_t kGramTileSharedBytes = 2 * kWarpLanes * kGramTile * sizeof(float);

// One of tile_pairs(), which are numbered by rows.
struct TilePair {
  int left = 0;  // its row of tiles
  int right = 0;
};

__device__ __forceinline__ TilePair tile_pair(int n, int tiles) {
  TilePair pair{0, n};
  while (pair.right >= tiles - pair.left) pair.right -= tiles - pair.left++;
  pair.right += pair.left;
  return pair;
}

__device__ __forceinline__ int tile_pair_number(int left, int right, int tiles) {
  return left * tiles - left * (left - 1) / 2 + right - left;
}

class GramTile {
 public:
  // `shared` has kGramTileSharedBytes.
  __device__ __forceinline__ GramTile(float* shared, int lane)
      : left_(shared), right_(shared + kWarpLanes * kGramTile), lane_(lane) {}

  // Adds the entries begin .. end - 1. entry(at, column, value) reads what tells lanes of an entry;
  // load(column, value, left, right) gives this lane's numbers of an entry, in all lanes.
  template <class Entry, class Load>
  __device__ __forceinline__ void add(std::int64_t begin, std::int64_t end, const Entry& entry,
                                      const Load& load) {
    for (std::int64_t first = begin; first < end; first += kWarpLanes) {
      const int here = end - first < kWarpLanes ? static_cast<int>(end - first) : kWarpLanes;
      Index my_column = 0;
      float my_value = 0;
      if (lane_ < here) entry(first + lane_, my_column, my_value);
      __syncwarp();  // all lanes are done with what is overwritten
      for (int e = 0; e < here; ++e) {
        const Index column = __shfl_sync(kAllLanes, my_column, e);
        const float value = __shfl_sync(kAllLanes, my_value, e);
        load(column, value, left_[e * kGramTile + lane_], right_[e * kGramTile + lane_]);
      }
      __syncwarp();
      for (int e = 0; e < here; ++e) {
        const float* const l = left_ + e * kGramTile + first_row();
        const float* const r = right_ + e * kGramTile + first_column();
#pragma unroll
        for (int i = 0; i < kRows; ++i) {
#pragma unroll
          for (int j = 0; j < kColumns; ++j) sum_[i][j] += l[i] * r[j];
        }
      }
    }
  }

  // Calls visit(row, column, sum) for this lane's numbers.
  template <class Visit>
  __device__ __forceinline__ void each(const Visit& visit) const {
#pragma unroll
    for (int i = 0; i < kRows; ++i) {
#pragma unroll
      for (int j = 0; j < kColumns; ++j) visit(first_row() + i, first_column() + j, sum_[i][j]);
    }
  }

 private:
  static constexpr int kRows = 4;
  static constexpr int kColumns = 8;

  __device__ __forceinline__ int first_row() const { return lane_ / 4 * kRows; }
  __device__ __forceinline__ int first_column() const { return lane_ % 4 * kColumns; }

  float* left_;
  float* right_;
  int lane_;
  float sum_[kRows][kColumns] = {};
};

}  // namespace tusk
