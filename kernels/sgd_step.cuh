// Device code: one rating of stochastic gradient descent by a warp, see model/sgd_update.hpp.
#pragma once

#include "model/sgd_update.hpp"
#include "row_access.cuh"

namespace tusk {

// A row of parameters in a warp's registers.
template <class Storage, int PerLane>
struct RegisterRow {
  using Access = RowAccess<Storage, PerLane>;

  float factor[PerLane];
  float bias;  // 0 but in lane 0

  __device__ __forceinline__ void load(RowPlace row, int lane) {
    Access::load(row.factors, lane, factor);
    bias = lane == 0 ? __ldcg(row.bias) : 0.0f;
  }

  // What is stored or added must have been rounded, if it is to be rounded at random.
  __device__ __forceinline__ void store(RowPlace row, int lane) const {
    Access::store(row.factors, lane, factor);
    if (lane == 0) __stcg(row.bias, bias);
  }

  // For a row in shared memory; see RowAccess.
  static __device__ __forceinline__ void start_copy(RowPlace to, RowPlace row, int lane) {
    Access::start_copy(to.factors, row.factors, lane);
    if (lane == 0) tusk::start_copy(to.bias, const_cast<const float*>(row.bias));
  }
  __device__ __forceinline__ void load_shared(RowPlace row, int lane) {
    Access::load_shared(row.factors, lane, factor);
    bias = lane == 0 ? *row.bias : 0.0f;
  }
  __device__ __forceinline__ void store_shared(RowPlace row, int lane) const {
    Access::store_shared(row.factors, lane, factor);
    if (lane == 0) *row.bias = bias;
  }

  // Adds what this row has gained over `before`.
  __device__ __forceinline__ void add_change(const RegisterRow& before, RowPlace row,
                                             int lane) const {
    float change[PerLane];
#pragma unroll
    for (int k = 0; k < PerLane; ++k) change[k] = factor[k] - before.factor[k];
    Access::add(row.factors, lane, change);
    if (lane == 0) atomicAdd(row.bias, bias - before.bias);
  }

  __device__ __forceinline__ void round(RoundingBits& bits) { Access::round(factor, bits); }
};

// Updates both rows by one rating. Returns the error before, the same in every lane.
template <class Row, int PerLane = sizeof(Row::factor) / sizeof(float)>
__device__ __forceinline__ float train_rating(Row& user, Row& item, float mean, float rating,
                                              const SgdRates& rates, int lane) {
  float sum = lane == 0 ? mean + user.bias + item.bias : 0.0f;
#pragma unroll
  for (int k = 0; k < PerLane; ++k) sum += user.factor[k] * item.factor[k];
  const float error = rating - warp_sum(sum);
  if (lane == 0) {
    user.bias = sgd_bias(user.bias, error, rates.bias);
    item.bias = sgd_bias(item.bias, error, rates.bias);
  }
  const float user_step = rates.user.step * error;
  const float item_step = rates.item.step * error;
#pragma unroll
  for (int k = 0; k < PerLane; ++k) {
    const float old_user = user.factor[k];
    const float old_item = item.factor[k];
    user.factor[k] = sgd_factor(old_user, old_item, rates.user.keep, user_step);
    item.factor[k] = sgd_factor(old_item, old_user, rates.item.keep, item_step);
  }
  return error;
}

// How parameters in memory are written.
enum class RowUpdate {
  store,  // by whom nobody else writes beside
  add,    // by warps that race: all their changes add up
};

// The same for rows too long for registers, which are read and written where they are.
template <class Storage, RowUpdate Update>
__device__ __forceinline__ float train_rating_in_memory(const ModelRows& rows, RowPlace user,
                                                        RowPlace item, float rating,
                                                        const SgdRates& rates, RoundingBits& bits,
                                                        int lane) {
  using Pair = RowAccess<Storage, 2>;
  constexpr std::size_t kStep = 2 * kWarpLanes * sizeof(Storage);
  const int pairs = rows.factors_per_lane / 2;
  float user_bias = 0;
  float item_bias = 0;
  float sum = 0;
  if (lane == 0) {
    user_bias = __ldcg(user.bias);
    item_bias = __ldcg(item.bias);
    sum = rows.mean + user_bias + item_bias;
  }
  for (int k = 0; k < pairs; ++k) {
    float p[2];
    float q[2];
    Pair::load(user.factors + k * kStep, lane, p);
    Pair::load(item.factors + k * kStep, lane, q);
    sum += p[0] * q[0] + p[1] * q[1];
  }
  const float error = rating - warp_sum(sum);
  if (lane == 0) {
    const float new_user_bias = sgd_bias(user_bias, error, rates.bias);
    const float new_item_bias = sgd_bias(item_bias, error, rates.bias);
    if constexpr (Update == RowUpdate::add) {
      atomicAdd(user.bias, new_user_bias - user_bias);
      atomicAdd(item.bias, new_item_bias - item_bias);
    } else {
      __stcg(user.bias, new_user_bias);
      __stcg(item.bias, new_item_bias);
    }
  }
  const float user_step = rates.user.step * error;
  const float item_step = rates.item.step * error;
  for (int k = 0; k < pairs; ++k) {
    float p[2];
    float q[2];
    Pair::load(user.factors + k * kStep, lane, p);
    Pair::load(item.factors + k * kStep, lane, q);
    float new_p[2];
    float new_q[2];
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      new_p[i] = sgd_factor(p[i], q[i], rates.user.keep, user_step);
      new_q[i] = sgd_factor(q[i], p[i], rates.item.keep, item_step);
    }
    Pair::round(new_p, bits);
    Pair::round(new_q, bits);
    if constexpr (Update == RowUpdate::add) {
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        new_p[i] -= p[i];
        new_q[i] -= q[i];
      }
      Pair::add(user.factors + k * kStep, lane, new_p);
      Pair::add(item.factors + k * kStep, lane, new_q);
    } else {
      Pair::store(user.factors + k * kStep, lane, new_p);
      Pair::store(item.factors + k * kStep, lane, new_q);
    }
  }
  return error;
}

}  // namespace tusk
