// Device code: factors as the tensor cores take them, before a search. A warp for each row, a lane
// for each pair of factors in turn; a block is one warp. Memory: a row is read twice, the second
// time from the first-level cache, and written in pieces of 4 bytes.
#pragma once

#include "topk_lists.cuh"

namespace tusk {

// Euclidean norms, no less than the true ones.
struct RowNorms {
  float norm;      // of the row as it is or as it is multiplied, whichever is longer
  float rounding;  // of their difference
};

// Writes factors * 2^exponent as fp16; place(f) says where factor f and the one after it go. A row
// of null is one of zeros.
template <class Place>
__device__ __forceinline__ RowNorms pack_row(const float* row, int factors, int padded,
                                             int exponent, int lane, __half* packed,
                                             const Place& place) {
  float exact = 0;
  float rounded = 0;
  float lost = 0;
  for (int f = 2 * lane; f < padded; f += 2 * kWarpLanes) {
    __half2 pair;
    float value[2];
    for (int i = 0; i < 2; ++i) {
      value[i] = row != nullptr && f + i < factors ? ldexpf(row[f + i], exponent) : 0.0f;
    }
    pair.x = __float2half_rn(value[0]);
    pair.y = __float2half_rn(value[1]);
    const float kept[2] = {__half2float(pair.x), __half2float(pair.y)};
    for (int i = 0; i < 2; ++i) {
      exact += value[i] * value[i];
      rounded += kept[i] * kept[i];
      lost += (value[i] - kept[i]) * (value[i] - kept[i]);
    }
    *reinterpret_cast<__half2*>(packed + place(f)) = pair;
  }
  for (int offset = kWarpLanes / 2; offset > 0; offset /= 2) {
    exact += __shfl_xor_sync(kAllLanes, exact, offset);
    rounded += __shfl_xor_sync(kAllLanes, rounded, offset);
    lost += __shfl_xor_sync(kAllLanes, lost, offset);
  }
  // More than these sums round away, and than squares that are too small for fp32 come to.
  constexpr float kSums = 1.001f;
  constexpr float kVanished = 0x1p-50f;
  return {sqrtf(fmaxf(exact, rounded)) * kSums + kVanished, sqrtf(lost) * kSums + kVanished};
}

// A block for each place.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    pack_items(const __grid_constant__ TopKArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  const int place = static_cast<int>(blockIdx.x);
  const bool there = place < a.items.items;
  const Index item = there ? a.items.item[place] : 0;
  const float* const row =
      there ? a.items.factor + static_cast<std::size_t>(item) * static_cast<std::size_t>(a.factors)
            : nullptr;
  const RowNorms norms =
      pack_row(row, a.factors, a.chunks * kChunkFactors, a.items.exponent, lane, a.items.packed,
               [&](int f) { return item_factor_place(place, f, a.chunks); });
  if (lane != 0) return;
  float bias = 0;
  if (!there) {
    bias = __int_as_float(static_cast<int>(0xff800000u));
  } else if (a.items.bias != nullptr) {
    bias = a.items.bias[item];
  }
  a.items.packed_bias[place] = bias;
  if (!there) return;
  atomicMax(&a.items.norms->norm, __float_as_int(norms.norm));
  atomicMax(&a.items.norms->rounding, __float_as_int(norms.rounding));
}

// A block for each user of the batch, and for each of those that fill up the last block of users.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    pack_users(const __grid_constant__ TopKArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  const int user = static_cast<int>(blockIdx.x);
  const bool there = user < a.users.users;
  const Index id = there ? a.users.row[user] : 0;
  const float* const row =
      there ? a.users.factor + static_cast<std::size_t>(id) * static_cast<std::size_t>(a.factors)
            : nullptr;
  float most = 0;
  for (int f = lane; there && f < a.factors; f += kWarpLanes) most = fmaxf(most, fabsf(row[f]));
  for (int offset = kWarpLanes / 2; offset > 0; offset /= 2) {
    most = fmaxf(most, __shfl_xor_sync(kAllLanes, most, offset));
  }
  int exponent = 0;
  if (most > 0) {
    frexpf(most, &exponent);
    exponent = 1 - exponent;
  }
  exponent = min(min(exponent, kMostScaleExponent), a.most_exponent - a.items.exponent);
  exponent = max(exponent, -kMostScaleExponent);
  const RowNorms own =
      pack_row(row, a.factors, a.chunks * kChunkFactors, exponent, lane, a.users.packed,
               [&](int f) { return user_factor_place(user, f, a.chunks); });
  if (lane != 0) return;
  UserScale result{};
  result.scale = ldexpf(1.0f, exponent + a.items.exponent);
  if (there) {
    const float item_norm = __int_as_float(a.items.norms->norm);
    const float item_rounding = __int_as_float(a.items.norms->rounding);
    const float largest = own.norm * item_norm + a.largest_item_bias * result.scale;
    const float constant =
        fabsf(a.mean) + (a.users.bias != nullptr ? fabsf(a.users.bias[id]) : 0.0f);
    constexpr float kSmall = 1e-30f;  // so that a floor is less than scores that are all 0
    const float sums = static_cast<float>(a.factors + 32) * 0x1p-21f;
    const float bound = own.rounding * item_norm + own.norm * item_rounding + sums * largest +
                        0x1p-22f * constant * result.scale;
    result.margin = 2.002f * bound + kSmall;
    result.floor = -1.01f * largest - result.margin;
  } else {
    result.floor = __int_as_float(0x7f800000);
  }
  a.users.scale[user] = result;
}

}  // namespace tusk
