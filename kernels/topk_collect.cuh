// Device code: the search. All items are scored for all users, and nothing of it is written to
// memory but what may be among a user's best k.
//
// A warp has 32 users, whose factors stay in its registers. A block of warps goes through the items
// in steps of 64; their factors come into shared memory two steps ahead. The tensor cores multiply
// in fp16 and add in fp32, from the item's bias less the user's threshold on, so that the sign of a
// sum tells whether the item passes: a warp looks at 16 sums a lane with a few operations on bits.
// What passes goes to the user's list. After each step the warp shortens its lists that have become
// long, and raises their thresholds.
//
// Rounding: with p and q as they are multiplied, dp and dq what rounding to fp16 changed,
//   |score - exact| <= |dp| |q| + |p| |dq| + c (|p| |q| + bias),  c = (factors + 32) 2^-21,
// where the tensor cores' sums are taken to lose up to 2^-22 of the largest term at each addition.
// An item is dropped only if it is worse by twice that bound than k others.
//
// Memory: items come from the second-level cache once a block; lists are written rarely. Limits:
// compute capability 8.0; kChunks 1, 2 and 4 have users' factors in registers, 0 reads both sides
// from memory as often as they are multiplied and takes any number of factors.
#pragma once

#include "async_copy.cuh"
#include "tensor_core.cuh"
#include "topk_lists.cuh"

namespace tusk {

inline constexpr int kItemSlots = 3;  // of a step each, in shared memory
inline constexpr int kStepTiles = kStepItems / kTileItems;
inline constexpr int kWarpTiles = kWarpUsers / kTileUsers;

// 16-byte words that a step takes in shared memory: factors and biases.
constexpr int step_words(int chunks) { return kStepTiles * chunks * kWarpLanes + kStepItems / 4; }
constexpr int collect_shared_bytes(int chunks) {
  return kItemSlots * step_words(chunks) * 16 + kBlockUsers * 8;
}

// All threads of a block start the copy of a step's items.
template <int kChunks>
__device__ __forceinline__ void fetch_step(const TopKArguments& a, int step, uint4* slot,
                                           int threads) {
  constexpr int kFactorWords = kStepTiles * kChunks * kWarpLanes;
  const auto* const factors = reinterpret_cast<const uint4*>(a.items.packed) +
                              static_cast<std::size_t>(step) * kFactorWords;
  const auto* const biases = reinterpret_cast<const uint4*>(a.items.packed_bias) +
                             static_cast<std::size_t>(step) * (kStepItems / 4);
  for (int word = static_cast<int>(threadIdx.x); word < step_words(kChunks); word += threads) {
    start_copy(slot + word, word < kFactorWords ? factors + word : biases + (word - kFactorWords));
  }
}

// What a lane knows of the four users whose sums it has, those in rows lane / 4 + 8 r of the
// warp's.
struct LaneUsers {
  float scale[4];
  float threshold[4];
};

// Appends what passes among the sums of a tile. Lanes of the warp may come here alone.
__device__ __forceinline__ void append_passing(const float (&sum)[4], const LaneUsers& users,
                                               int tile, int place, int lane, ListEntry* lists,
                                               int capacity, int* length) {
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    if (__float_as_int(sum[i]) < 0) continue;
    const int row = tile * 2 + i / 2;
    const int user = row * 8 + lane / 4;
    const int at = atomicAdd(length + user, 1);
    lists[static_cast<std::size_t>(user) * static_cast<std::size_t>(capacity) +
          static_cast<std::size_t>(at)] = {sum[i] + users.threshold[row],
                                           place + lane % 4 * 2 + i % 2};
  }
}

template <int kChunks, int kWarps>
__global__ void __launch_bounds__(kWarps* kWarpLanes, kChunks == 1 || kChunks == 2 ? 5 : 4)
    collect_best(const __grid_constant__ TopKArguments a) {
  extern __shared__ uint4 top_k_shared[];
  constexpr bool kResident = kChunks > 0;
  constexpr int kThreads = kWarps * kWarpLanes;
  constexpr int kGroup = kResident ? 2 : 4;  // tiles of items whose sums are made together
  const int lane = static_cast<int>(threadIdx.x) % kWarpLanes;
  const int warp = static_cast<int>(threadIdx.x) / kWarpLanes;
  const int chunks = kResident ? kChunks : a.chunks;
  const int first = (static_cast<int>(blockIdx.x) * kWarps + warp) * kWarpUsers;
  const int capacity = a.sizes.capacity;
  const bool there = first + lane < a.users.users;

  // By user of the warp; lane n keeps what else is known of user n.
  auto* const of_block = reinterpret_cast<float*>(top_k_shared + kItemSlots * step_words(kChunks));
  float* const threshold = of_block + warp * 2 * kWarpUsers;
  int* const length = reinterpret_cast<int*>(threshold + kWarpUsers);
  const UserScale mine = a.users.scale[first + lane];
  const Index my_id = there ? a.users.row[first + lane] : 0;
  threshold[lane] = mine.floor;
  length[lane] = 0;
  int checked = 0;
  int look = a.sizes.next_look(0);
  __syncwarp();

  LaneUsers users;
#pragma unroll
  for (int r = 0; r < 4; ++r) {
    users.scale[r] = __shfl_sync(kAllLanes, mine.scale, r * 8 + lane / 4);
    users.threshold[r] = threshold[r * 8 + lane / 4];
  }
  const auto* const packed_users = reinterpret_cast<const uint4*>(a.users.packed) +
                                   static_cast<std::size_t>(first / kTileUsers) *
                                       static_cast<std::size_t>(chunks * 2 * kWarpLanes) +
                                   lane;
  uint4 factor[kWarpTiles][kResident ? 2 * kChunks : 1];
  if constexpr (kResident) {
#pragma unroll
    for (int m = 0; m < kWarpTiles; ++m) {
#pragma unroll
      for (int s = 0; s < 2 * kChunks; ++s) {
        factor[m][s] = packed_users[(m * 2 * kChunks + s) * kWarpLanes];
      }
    }
#pragma unroll
    for (int step = 0; step < kItemSlots - 1; ++step) {
      if (step < a.items.steps) {
        fetch_step<kChunks>(a, step, top_k_shared + step * step_words(kChunks), kThreads);
      }
      end_copy_group();
    }
  }
  ListEntry* const lists =
      a.list + static_cast<std::size_t>(first) * static_cast<std::size_t>(capacity);

  int slot = 0;
  for (int step = 0; step < a.items.steps; ++step) {
    const uint4* step_factors = nullptr;
    const float* step_biases = nullptr;
    if constexpr (kResident) {
      wait_for_copies<kItemSlots - 2>();
      __syncthreads();  // all copies of this step are there, and nobody is at the step before
      const int next = slot == 0 ? kItemSlots - 1 : slot - 1;
      if (step + kItemSlots - 1 < a.items.steps) {
        fetch_step<kChunks>(a, step + kItemSlots - 1, top_k_shared + next * step_words(kChunks),
                            kThreads);
      }
      end_copy_group();
      step_factors = top_k_shared + slot * step_words(kChunks);
      step_biases =
          reinterpret_cast<const float*>(step_factors + kStepTiles * kChunks * kWarpLanes);
      slot = slot + 1 == kItemSlots ? 0 : slot + 1;
    } else {
      step_factors = reinterpret_cast<const uint4*>(a.items.packed) +
                     static_cast<std::size_t>(step) *
                         static_cast<std::size_t>(kStepTiles * chunks * kWarpLanes);
      step_biases = a.items.packed_bias + static_cast<std::size_t>(step) * kStepItems;
    }

#pragma unroll 1
    for (int group = 0; group < kStepTiles; group += kGroup) {
      float sum[kWarpTiles][kGroup][4];
#pragma unroll
      for (int n = 0; n < kGroup; ++n) {
        const float2 bias =
            reinterpret_cast<const float2*>(step_biases)[(group + n) * 4 + lane % 4];
#pragma unroll
        for (int m = 0; m < kWarpTiles; ++m) {
#pragma unroll
          for (int half = 0; half < 2; ++half) {
            const int r = m * 2 + half;
            sum[m][n][half * 2] = fmaf(bias.x, users.scale[r], -users.threshold[r]);
            sum[m][n][half * 2 + 1] = fmaf(bias.y, users.scale[r], -users.threshold[r]);
          }
        }
      }
#pragma unroll kResident ? kChunks : 1
      for (int c = 0; c < (kResident ? kChunks : chunks); ++c) {
        if constexpr (!kResident) {
#pragma unroll
          for (int m = 0; m < kWarpTiles; ++m) {
            factor[m][0] = packed_users[(m * chunks + c) * 2 * kWarpLanes];
          }
        }
        uint4 item[kGroup];
#pragma unroll
        for (int n = 0; n < kGroup; ++n) {
          item[n] = step_factors[((group + n) * chunks + c) * kWarpLanes + lane];
#pragma unroll
          for (int m = 0; m < kWarpTiles; ++m) {
            multiply_tile(sum[m][n], factor[m][kResident ? 2 * c : 0], item[n].x, item[n].y);
          }
        }
        if constexpr (!kResident) {
#pragma unroll
          for (int m = 0; m < kWarpTiles; ++m) {
            factor[m][0] = packed_users[((m * chunks + c) * 2 + 1) * kWarpLanes];
          }
        }
#pragma unroll
        for (int n = 0; n < kGroup; ++n) {
#pragma unroll
          for (int m = 0; m < kWarpTiles; ++m) {
            multiply_tile(sum[m][n], factor[m][kResident ? 2 * c + 1 : 0], item[n].z, item[n].w);
          }
        }
      }
      // The sign bit of all is that of their conjunction.
      int below[kWarpTiles][kGroup];
      int all_below = -1;
#pragma unroll
      for (int m = 0; m < kWarpTiles; ++m) {
#pragma unroll
        for (int n = 0; n < kGroup; ++n) {
          const float(&s)[4] = sum[m][n];
          below[m][n] = __float_as_int(s[0]) & __float_as_int(s[1]) & __float_as_int(s[2]) &
                        __float_as_int(s[3]);
          all_below &= below[m][n];
        }
      }
      if (__ballot_sync(kAllLanes, all_below >= 0) != 0) {
#pragma unroll
        for (int m = 0; m < kWarpTiles; ++m) {
#pragma unroll
          for (int n = 0; n < kGroup; ++n) {
            if (below[m][n] >= 0) {
              append_passing(sum[m][n], users, m, step * kStepItems + (group + n) * kTileItems,
                             lane, lists, capacity, length);
            }
          }
        }
        __syncwarp();
      }
    }

    unsigned full = __ballot_sync(kAllLanes, length[lane] > look);
    if (full == 0) continue;
    do {
      const int user = __ffs(static_cast<int>(full)) - 1;
      full &= full - 1;
      float raised = threshold[user];
      const int kept = shorten(
          a, lists + static_cast<std::size_t>(user) * static_cast<std::size_t>(capacity),
          __shfl_sync(kAllLanes, checked, user), length[user], lane,
          __shfl_sync(kAllLanes, my_id, user), __shfl_sync(kAllLanes, mine.margin, user), raised);
      __syncwarp();
      if (lane == user) {
        checked = kept;
        look = a.sizes.next_look(kept);
        length[lane] = kept;
        threshold[lane] = raised;
        if (kept > a.sizes.longest()) {
          // Nothing passes any more.
          threshold[lane] = __int_as_float(0x7f800000);
          length[lane] = kTooLong;
        }
      }
    } while (full != 0);
    __syncwarp();
#pragma unroll
    for (int r = 0; r < 4; ++r) users.threshold[r] = threshold[r * 8 + lane / 4];
  }
  if constexpr (kResident) wait_for_copies<0>();
  if (there) a.length[first + lane] = length[lane];
}

}  // namespace tusk
