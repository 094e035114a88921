// Device code: a warp's access to rows of parameters, and sums over a warp.
//
// Parameters are read and written past the first-level cache, which other multiprocessors' updates
// do not reach. Every lane reads and writes the same places of a row always, and the bias is lane
// 0's, so that what a warp writes it also reads in its own order.
#pragma once

#include <cstdint>
#include <type_traits>

#include <cuda_fp16.h>

#include "async_copy.cuh"
#include "cuda/half_rounding.hpp"
#include "cuda/row_layout.hpp"
#include "model_rows.hpp"
#include "support/philox.hpp"
#include "warp.cuh"

namespace tusk {

// An access of so many bytes.
template <int Bytes>
struct AccessWord;
template <>
struct AccessWord<2> {
  using Type = unsigned short;
};
template <>
struct AccessWord<4> {
  using Type = unsigned int;
};
template <>
struct AccessWord<8> {
  using Type = uint2;
};
template <>
struct AccessWord<16> {
  using Type = uint4;
};

// Random bits for rounding: Philox for each new state, and from there on the cheapest generator
// whose upper bits are random enough (Knuth: "The Art of Computer Programming", volume 2, 3.3.4).
class RoundingBits {
 public:
  __device__ __forceinline__ RoundingBits(std::uint64_t seed, std::uint64_t epoch,
                                          std::uint64_t which) {
    const Random4 random = philox(seed, random_stream(RandomUse::rounding, epoch), which);
    state_ = random.word[0];
  }

  // 13 of them, the lowest.
  __device__ __forceinline__ std::uint32_t next() {
    state_ = state_ * 1664525u + 1013904223u;
    return state_ >> 19;
  }

 private:
  std::uint32_t state_;
};

// Exact: the value is one of Storage already, or rounds to the nearest.
__device__ __forceinline__ float from_storage(float value) { return value; }
__device__ __forceinline__ float from_storage(__half value) { return __half2float(value); }
template <class Storage>
__device__ __forceinline__ Storage to_storage(float value) {
  if constexpr (std::is_same_v<Storage, float>) {
    return value;
  } else {
    return __float2half_rn(value);
  }
}

#if __CUDA_ARCH__ >= 900
inline constexpr bool kAddsVectors = true;
#else
inline constexpr bool kAddsVectors = false;
#endif

// Adds to `Count` numbers that lie together, in one access where the GPU can.
template <int Count>
__device__ __forceinline__ void add_to(float* to, const float* from) {
  if constexpr (kAddsVectors && Count == 4) {
    asm volatile("red.global.add.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(to), "f"(from[0]),
                 "f"(from[1]), "f"(from[2]), "f"(from[3])
                 : "memory");
  } else if constexpr (kAddsVectors && Count == 2) {
    asm volatile("red.global.add.v2.f32 [%0], {%1, %2};" ::"l"(to), "f"(from[0]), "f"(from[1])
                 : "memory");
  } else {
#pragma unroll
    for (int k = 0; k < Count; ++k) atomicAdd(to + k, from[k]);
  }
}
template <int Count>
__device__ __forceinline__ void add_to(__half* to, const float* from) {
  static_assert(Count % 2 == 0, "single halves are added many times slower than pairs");
  __half2 pair[Count / 2];
#pragma unroll
  for (int k = 0; k < Count; k += 2) pair[k / 2] = __floats2half2_rn(from[k], from[k + 1]);
  if constexpr (kAddsVectors && Count > 2) {
    unsigned word[Count / 2];
    memcpy(word, pair, sizeof word);
    if constexpr (Count == 8) {
      asm volatile("red.global.add.noftz.v4.f16x2 [%0], {%1, %2, %3, %4};" ::"l"(to), "r"(word[0]),
                   "r"(word[1]), "r"(word[2]), "r"(word[3])
                   : "memory");
    } else {
      asm volatile("red.global.add.noftz.v2.f16x2 [%0], {%1, %2};" ::"l"(to), "r"(word[0]),
                   "r"(word[1])
                   : "memory");
    }
  } else {
#pragma unroll
    for (int k = 0; k < Count / 2; ++k) atomicAdd(reinterpret_cast<__half2*>(to) + k, pair[k]);
  }
}

// `PerLane` factors of each lane: in chunks of what can be accessed at once, chunk c of lane l at
// factor (c * 32 + l) * kChunk.
template <class Storage, int PerLane>
struct RowAccess {
  static constexpr int kMostAtOnce = 16 / static_cast<int>(sizeof(Storage));
  static constexpr int chunk_size() {
    for (int size = kMostAtOnce; size > 1; size /= 2) {
      if (PerLane % size == 0) return size;
    }
    return 1;
  }
  static constexpr int kChunk = chunk_size();
  static constexpr int kChunks = PerLane / kChunk;
  using Word = typename AccessWord<kChunk* static_cast<int>(sizeof(Storage))>::Type;

  static __device__ __forceinline__ void load(const unsigned char* row, int lane,
                                              float (&factor)[PerLane]) {
    const Word* const words = reinterpret_cast<const Word*>(row);
#pragma unroll
    for (int c = 0; c < kChunks; ++c) {
      unpack(__ldcg(words + c * kWarpLanes + lane), factor + c * kChunk);
    }
  }

  // Factors must be exact in Storage, or are rounded to the nearest.
  static __device__ __forceinline__ void store(unsigned char* row, int lane,
                                               const float (&factor)[PerLane]) {
    Word* const words = reinterpret_cast<Word*>(row);
#pragma unroll
    for (int c = 0; c < kChunks; ++c) {
      __stcg(words + c * kWarpLanes + lane, pack(factor + c * kChunk));
    }
  }

  // The same for a row in shared memory, into which start_copy has brought it; what a lane copies
  // it also reads, so that no lane waits for another.
  static __device__ __forceinline__ void start_copy(unsigned char* to, const unsigned char* row,
                                                    int lane) {
#pragma unroll
    for (int c = 0; c < kChunks; ++c) {
      const int at = c * kWarpLanes + lane;
      tusk::start_copy(reinterpret_cast<Word*>(to) + at, reinterpret_cast<const Word*>(row) + at);
    }
  }
  static __device__ __forceinline__ void load_shared(const unsigned char* row, int lane,
                                                     float (&factor)[PerLane]) {
    const Word* const words = reinterpret_cast<const Word*>(row);
#pragma unroll
    for (int c = 0; c < kChunks; ++c) {
      unpack(words[c * kWarpLanes + lane], factor + c * kChunk);
    }
  }
  static __device__ __forceinline__ void store_shared(unsigned char* row, int lane,
                                                      const float (&factor)[PerLane]) {
    Word* const words = reinterpret_cast<Word*>(row);
#pragma unroll
    for (int c = 0; c < kChunks; ++c) {
      words[c * kWarpLanes + lane] = pack(factor + c * kChunk);
    }
  }

  // Adds to the row as it is when the addition comes to it.
  static __device__ __forceinline__ void add(unsigned char* row, int lane,
                                             const float (&change)[PerLane]) {
    Storage* const factors = reinterpret_cast<Storage*>(row);
#pragma unroll
    for (int c = 0; c < kChunks; ++c) {
      add_to<kChunk>(factors + (c * kWarpLanes + lane) * kChunk, change + c * kChunk);
    }
  }

  // Rounds the factors to what Storage has, at random.
  static __device__ __forceinline__ void round(float (&factor)[PerLane], RoundingBits& bits) {
    if constexpr (!std::is_same_v<Storage, float>) {
#pragma unroll
      for (int k = 0; k < PerLane; ++k) factor[k] = round_to_half(factor[k], bits.next());
    }
  }

 private:
  static __device__ __forceinline__ void unpack(Word word, float* factor) {
    Storage value[kChunk];
    memcpy(value, &word, sizeof word);
#pragma unroll
    for (int k = 0; k < kChunk; ++k) factor[k] = from_storage(value[k]);
  }
  static __device__ __forceinline__ Word pack(const float* factor) {
    Storage value[kChunk];
#pragma unroll
    for (int k = 0; k < kChunk; ++k) value[k] = to_storage<Storage>(factor[k]);
    Word word;
    memcpy(&word, value, sizeof word);
    return word;
  }
};

// Where a user's or an item's parameters are.
struct RowPlace {
  unsigned char* factors;
  float* bias;
};

__device__ __forceinline__ RowPlace user_row(const ModelRows& rows, Index user) {
  const auto at = static_cast<std::size_t>(user);
  return {rows.user + at * rows.stride, rows.user_bias + at * kBiasSpacing};
}
__device__ __forceinline__ RowPlace item_row(const ModelRows& rows, Index item) {
  const auto at = static_cast<std::size_t>(item);
  return {rows.item + at * rows.stride, rows.item_bias + at * kBiasSpacing};
}

// Every lane gets the same bits.
__device__ __forceinline__ float warp_sum(float value) {
#pragma unroll
  for (int offset = kWarpLanes / 2; offset > 0; offset /= 2) {
    value += __shfl_xor_sync(kAllLanes, value, offset);
  }
  return value;
}

__device__ __forceinline__ bool holds(const LabelMask& labels, Label label) {
  return (labels.word[label >> 5] >> (label & 31) & 1u) != 0;
}

// What a warp adds to its own place; each lane has the same.
__device__ __forceinline__ void add_errors(ErrorSums& place, double squared, double absolute,
                                           std::int64_t count, int lane) {
  if (lane != 0) return;
  place.count += count;
  place.squared += squared;
  place.absolute += absolute;
}

}  // namespace tusk
