// Device code: a user's list of what may be among the best, shortened by a warp.
#pragma once

#include "topk_arguments.hpp"
#include "warp.cuh"

namespace tusk {

// A binary search in the user's row of what is excluded.
__device__ __forceinline__ bool excluded(const TopKArguments& a, Index user, Index item) {
  std::int64_t low = a.excluded_offset[user];
  std::int64_t high = a.excluded_offset[user + 1];
  while (low < high) {
    const std::int64_t middle = (low + high) / 2;
    const Index at = a.excluded_item[middle];
    if (at == item) return true;
    if (at < item) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return false;
}

// Keeps those of list[from .. length) for which keep(entry) holds, in their order, and returns the
// new length. What a lane has read is read by no other, and places written were read before.
template <class Keep>
__device__ __forceinline__ int keep_entries(ListEntry* list, int from, int length, int lane,
                                            const Keep& keep) {
  int kept = from;
  for (int base = from; base < length; base += kWarpLanes) {
    ListEntry entry{};
    bool keeps = false;
    if (base + lane < length) {
      entry = list[base + lane];
      keeps = keep(entry);
    }
    const unsigned lanes = __ballot_sync(kAllLanes, keeps);
    if (keeps) list[kept + __popc(lanes & ((1u << lane) - 1))] = entry;
    kept += __popc(lanes);
  }
  __syncwarp();
  return kept;
}

__device__ __forceinline__ int count_from(const ListEntry* list, int length, int lane,
                                          float score) {
  int count = 0;
  for (int base = 0; base < length; base += kWarpLanes) {
    const bool counts = base + lane < length && list[base + lane].score >= score;
    count += __popc(__ballot_sync(kAllLanes, counts));
  }
  return count;
}

// A score that at least k entries have and few more than k, found by halving an interval.
__device__ __forceinline__ float score_of_best(const ListEntry* list, int length, int lane, int k) {
  constexpr int kMostHalvings = 32;
  float low = list[0].score;
  float high = low;
  for (int at = lane; at < length; at += kWarpLanes) {
    low = fminf(low, list[at].score);
    high = fmaxf(high, list[at].score);
  }
  for (int offset = kWarpLanes / 2; offset > 0; offset /= 2) {
    low = fminf(low, __shfl_xor_sync(kAllLanes, low, offset));
    high = fmaxf(high, __shfl_xor_sync(kAllLanes, high, offset));
  }
  const int enough = k + k / 8;
  int count = length;  // of those with at least `low`
  for (int halving = 0; halving < kMostHalvings && count > enough; ++halving) {
    const float middle = low + 0.5f * (high - low);
    if (!(middle > low && middle < high)) break;
    const int here = count_from(list, length, lane, middle);
    if (here >= k) {
      low = middle;
      count = here;
    } else {
      high = middle;
    }
  }
  return low;
}

// Takes what is excluded from the entries that are `checked` and on, and then all that is surely
// not among the best k, for which `threshold` is raised. Returns the new length.
__device__ __forceinline__ int shorten(const TopKArguments& a, ListEntry* list, int checked,
                                       int length, int lane, Index user, float margin,
                                       float& threshold) {
  if (a.excluded_offset != nullptr) {
    length = keep_entries(list, checked, length, lane, [&](const ListEntry& entry) {
      return !excluded(a, user, a.items.item[entry.place]);
    });
  }
  if (length <= a.sizes.k) return length;
  const float best = score_of_best(list, length, lane, a.sizes.k) - margin;
  if (best > threshold) {
    threshold = best;
    length = keep_entries(list, 0, length, lane,
                          [&](const ListEntry& entry) { return entry.score >= best; });
  }
  return length;
}

}  // namespace tusk
