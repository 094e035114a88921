// Device code: what is done with a model before and after an epoch. A block of threads is one warp.
#pragma once

#include "model/initial_factors.hpp"
#include "model_arguments.hpp"
#include "row_access.cuh"

namespace tusk {

// A lane for each pair of factors in turn. Memory: two factors written a lane.
template <class Storage>
__global__ void __launch_bounds__(kWarpLanes)
    fill_initial_factors(const __grid_constant__ InitialFactors a) {
  const std::int64_t pairs = (a.factors + 1) / 2;
  const std::int64_t all = pairs * a.count;
  const std::int64_t stride = std::int64_t{gridDim.x} * kWarpLanes;
  for (std::int64_t at = std::int64_t{blockIdx.x} * kWarpLanes + threadIdx.x; at < all;
       at += stride) {
    const std::int64_t row = at / pairs;
    const std::int64_t pair = at % pairs;
    const std::int64_t id = a.id_of_row == nullptr ? row : a.id_of_row[row];
    if (a.rated != nullptr && a.rated[id] == 0) continue;
    float value[2];
    initial_factor_pair(a.seed, a.use, static_cast<std::uint64_t>(id),
                        static_cast<std::uint64_t>(pair), a.standard_deviation, value);
    auto* const factor =
        reinterpret_cast<Storage*>(a.rows + static_cast<std::size_t>(row) * a.stride);
    factor[2 * pair] = to_storage<Storage>(value[0]);
    if (2 * pair + 1 < a.factors) factor[2 * pair + 1] = to_storage<Storage>(value[1]);
  }
}

// A lane for each float in turn. Memory: what is read and written.
template <class Storage>
__global__ void __launch_bounds__(kWarpLanes) unpack_rows(const __grid_constant__ RowsToUnpack a) {
  const std::int64_t width = a.factors + 1;
  const std::int64_t stride = std::int64_t{gridDim.x} * kWarpLanes;
  for (std::int64_t at = std::int64_t{blockIdx.x} * kWarpLanes + threadIdx.x; at < width * a.count;
       at += stride) {
    const std::int64_t n = at / width;
    const std::int64_t factor = at % width;
    const std::int64_t row = a.row_of == nullptr ? a.first + n : a.row_of[a.first + n];
    if (factor < a.factors) {
      const auto* const factors =
          reinterpret_cast<const Storage*>(a.rows + static_cast<std::size_t>(row) * a.stride);
      a.factor_out[n * a.factors + factor] = from_storage(factors[factor]);
    } else {
      a.bias_out[n] = a.bias[static_cast<std::size_t>(row) * kBiasSpacing];
    }
  }
}

// A warp for each 32 ratings in turn, which it predicts one after another. Which warp has which
// ratings depends on their number alone, so that the sums are the same bits in every run. Memory a
// rating: 12 bytes, and two rows.
template <class Storage>
__global__ void __launch_bounds__(kWarpLanes)
    sum_validation_errors(const __grid_constant__ ValidationArguments a) {
  using One = RowAccess<Storage, 1>;
  constexpr std::size_t kStep = kWarpLanes * sizeof(Storage);
  const int lane = static_cast<int>(threadIdx.x);
  const std::int64_t stride = std::int64_t{gridDim.x} * kWarpLanes;
  double squared = 0;
  double absolute = 0;
  std::int64_t count = 0;
  for (std::int64_t first = std::int64_t{blockIdx.x} * kWarpLanes; first < a.count;
       first += stride) {
    const std::int64_t left = a.count - first;
    const int here = left < kWarpLanes ? static_cast<int>(left) : kWarpLanes;
    Index my_user = 0;
    Index my_item = 0;
    float my_rating = 0;
    if (lane < here) {
      my_user = a.user[first + lane];
      my_item = a.item[first + lane];
      my_rating = a.rating[first + lane];
    }
    for (int from = 0; from < here; ++from) {
      const RowPlace user = user_row(a.rows, __shfl_sync(kAllLanes, my_user, from));
      const RowPlace item = item_row(a.rows, __shfl_sync(kAllLanes, my_item, from));
      const float rating = __shfl_sync(kAllLanes, my_rating, from);
      float product = 0;
      if (lane == 0) {
        product = a.rows.mean + __ldcg(user.bias) + __ldcg(item.bias);
      }
      for (int k = 0; k < a.rows.factors_per_lane; ++k) {
        float p[1];
        float q[1];
        One::load(user.factors + k * kStep, lane, p);
        One::load(item.factors + k * kStep, lane, q);
        product += p[0] * q[0];
      }
      float predicted = warp_sum(product);
      // So that NaN stays NaN.
      predicted = predicted < a.scale.low ? a.scale.low : predicted;
      predicted = predicted > a.scale.high ? a.scale.high : predicted;
      const double error = static_cast<double>(rating) - static_cast<double>(predicted);
      squared += error * error;
      absolute += fabs(error);
    }
    count += here;
  }
  add_errors(a.error[blockIdx.x], squared, absolute, count, lane);
}

// One warp, always in one order.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    add_up_errors(const ErrorSums* sums, int count, ErrorSums* total) {
  const int lane = static_cast<int>(threadIdx.x);
  ErrorSums mine{};
  for (int at = lane; at < count; at += kWarpLanes) {
    mine.count += sums[at].count;
    mine.squared += sums[at].squared;
    mine.absolute += sums[at].absolute;
  }
  for (int offset = kWarpLanes / 2; offset > 0; offset /= 2) {
    mine.count += __shfl_xor_sync(kAllLanes, mine.count, offset);
    mine.squared += __shfl_xor_sync(kAllLanes, mine.squared, offset);
    mine.absolute += __shfl_xor_sync(kAllLanes, mine.absolute, offset);
  }
  if (lane == 0) *total = mine;
}

}  // namespace tusk
