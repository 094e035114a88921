// Device code: from a user's list to the best k by exact score. A warp for each user; a block is
// one warp. The list is shortened once more, what is left is scored as src/model/score.hpp does,
// bit for bit, and sorted in shared memory. Memory: a row of an item for each entry that is left,
// half a warp reading it.
#pragma once

#include "topk_lists.cuh"

namespace tusk {

// The order of results as that of numbers: higher scores first, ties by lower rank.
__device__ __forceinline__ std::uint64_t result_key(float score, Index rank) {
  const auto bits = static_cast<std::uint32_t>(__float_as_int(score + 0.0f));  // -0 becomes 0
  const std::uint32_t ordered = bits >> 31 != 0 ? ~bits : bits | 0x80000000u;
  return std::uint64_t{ordered} << 32 | static_cast<std::uint32_t>(~rank);
}

__device__ __forceinline__ float score_of_key(std::uint64_t key) {
  const auto ordered = static_cast<std::uint32_t>(key >> 32);
  return __int_as_float(static_cast<int>(ordered >> 31 != 0 ? ordered & 0x7fffffffu : ~ordered));
}

__device__ __forceinline__ Index rank_of_key(std::uint64_t key) {
  return ~static_cast<Index>(static_cast<std::uint32_t>(key));
}

// dot() of src/model/score.hpp, a partial sum to each of 16 lanes; nothing is fused.
__device__ __forceinline__ float dot_of_half_warp(const float* user, const float* item, int factors,
                                                  int lane) {
  constexpr int kPartialSums = 16;
  float sum = 0;
  for (int f = lane % kPartialSums; f < factors; f += kPartialSums) {
    sum = __fadd_rn(sum, __fmul_rn(user[f], item[f]));
  }
  for (int half = kPartialSums / 2; half > 0; half /= 2) {
    sum = __fadd_rn(sum, __shfl_xor_sync(kAllLanes, sum, half));
  }
  return sum;
}

// Descending; `size` is a power of two (Batcher: "Sorting networks and their applications", 1968).
__device__ __forceinline__ void sort_keys(std::uint64_t* key, int size, int lane) {
  for (int run = 2; run <= size; run *= 2) {
    for (int distance = run / 2; distance > 0; distance /= 2) {
      for (int pair = lane; pair < size / 2; pair += kWarpLanes) {
        const int low = 2 * pair - (pair & (distance - 1));
        const int high = low + distance;
        const std::uint64_t a = key[low];
        const std::uint64_t b = key[high];
        if ((low & run) == 0 ? a < b : a > b) {
          key[low] = b;
          key[high] = a;
        }
      }
      __syncwarp();
    }
  }
}

[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    finish_lists(const __grid_constant__ TopKArguments a) {
  extern __shared__ std::uint64_t top_k_key[];
  const int lane = static_cast<int>(threadIdx.x);
  const int user = static_cast<int>(blockIdx.x);
  int length = a.length[user];
  if (length == kTooLong) return;
  const Index id = a.users.row[user];
  ListEntry* const list =
      a.list + static_cast<std::size_t>(user) * static_cast<std::size_t>(a.sizes.capacity);
  float threshold = a.users.scale[user].floor;
  // Entries that were looked at for what is excluded before are looked at again.
  length = shorten(a, list, 0, length, lane, id, a.users.scale[user].margin, threshold);

  int size = 2;
  while (size < length) size *= 2;
  for (int at = lane; at < size; at += kWarpLanes) top_k_key[at] = 0;  // after all results
  __syncwarp();
  const auto factors = static_cast<std::size_t>(a.factors);
  const float* const user_row = a.users.factor + static_cast<std::size_t>(id) * factors;
  float constant = a.mean;
  if (a.users.bias != nullptr) constant = __fadd_rn(constant, a.users.bias[id]);
  for (int base = 0; base < length; base += kWarpLanes) {
    const Index place = base + lane < length ? list[base + lane].place : 0;
    const Index my_item = a.items.item[place];
    const Index my_rank = a.items.rank[place];
    for (int pair = 0; pair < kWarpLanes && base + pair < length; pair += 2) {
      const int at = pair + lane / 16;
      const Index item = __shfl_sync(kAllLanes, my_item, at);
      const Index rank = __shfl_sync(kAllLanes, my_rank, at);
      float score = constant;
      if (a.items.bias != nullptr) score = __fadd_rn(score, a.items.bias[item]);
      score = __fadd_rn(
          score,
          dot_of_half_warp(user_row, a.items.factor + static_cast<std::size_t>(item) * factors,
                           a.factors, lane));
      if (lane % 16 == 0 && base + at < length) top_k_key[base + at] = result_key(score, rank);
    }
  }
  __syncwarp();
  sort_keys(top_k_key, size, lane);
  const auto begin = static_cast<std::size_t>(user) * static_cast<std::size_t>(a.sizes.k);
  for (int at = lane; at < a.sizes.k; at += kWarpLanes) {
    const bool there = at < length;
    const std::uint64_t key = there ? top_k_key[at] : 0;
    a.index[begin + static_cast<std::size_t>(at)] =
        there ? a.items.ranked[rank_of_key(key)] : kNone;
    a.score[begin + static_cast<std::size_t>(at)] =
        there ? score_of_key(key) : __int_as_float(static_cast<int>(0xff800000u));
  }
}

}  // namespace tusk
