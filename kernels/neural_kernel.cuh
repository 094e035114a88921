// Device code: neural networks over embeddings. cuBLAS multiplies the matrices of hidden layers
// and adds up their gradients; the rest of a step is here. A block of threads is one warp. Nothing
// is added atomically: sums are in one order.
#pragma once

#include "neural_arguments.hpp"
#include "row_access.cuh"

namespace tusk {

// Calls visit(row, column) in a lane for each place of a matrix [rows, columns].
template <class Visit>
__device__ __forceinline__ void each_number(std::int64_t rows, int columns, const Visit& visit) {
  const std::int64_t stride = std::int64_t{gridDim.x} * kWarpLanes;
  for (std::int64_t at = std::int64_t{blockIdx.x} * kWarpLanes + threadIdx.x; at < rows * columns;
       at += stride) {
    visit(at / columns, static_cast<int>(at % columns));
  }
}

// Where the batch begins in its span.
__device__ __forceinline__ std::int64_t batch_begin(const NeuralCursor* cursor, std::int64_t span) {
  return cursor == nullptr ? 0 : cursor->place % span;
}

__device__ __forceinline__ float* row_of(const NeuralRows& rows, Index row, int width) {
  return rows.values + std::int64_t{row} * 3 * width;
}

// What dropout multiplies number `k` of a pair's row by.
__device__ __forceinline__ float dropout_factor(const NeuralDropout& dropout,
                                                const NeuralCursor* cursor, std::int64_t pair,
                                                int k) {
  if (cursor == nullptr || dropout.by == 1) return 1;
  const DropoutDraws& draws = dropout.draws;
  const Random4 draw = draws.draw(
      cursor->epoch,
      draws.number(static_cast<std::uint64_t>(cursor->place + pair), k / DropoutDraws::kNumbers));
  return draws.keeps(draw, k % DropoutDraws::kNumbers) ? dropout.by : 0.0f;
}

// A lane for each rating in turn. Memory a rating: 12 bytes read, anywhere, and 24 written.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    draw_span(const __grid_constant__ NeuralDraw a) {
  each_number(a.count, 1, [&](std::int64_t n, int) {
    const NeuralRating rating = a.all[a.order.at(static_cast<std::uint32_t>(a.first + n))];
    const auto batch = static_cast<std::uint32_t>(n / a.batch);
    a.rating[n] = rating;
    a.user_key[n] =
        batch * static_cast<std::uint32_t>(a.user_rows) + static_cast<std::uint32_t>(rating.user);
    a.item_key[n] =
        batch * static_cast<std::uint32_t>(a.item_rows) + static_cast<std::uint32_t>(rating.item);
    a.place[n] = static_cast<std::int32_t>(n % a.batch);
  });
}

// A warp for each row in turn, or for each rating of the batch, of which the first of a row does
// it. Memory: a row, one for each feature, and what is written.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    pack_rows(const __grid_constant__ NeuralPacking a) {
  const int lane = static_cast<int>(threadIdx.x);
  const std::int64_t begin = batch_begin(a.cursor, a.span);
  for (std::int64_t n = blockIdx.x; n < a.count; n += gridDim.x) {
    auto row = static_cast<Index>(n);
    if (a.sorted.key != nullptr) {
      const std::uint32_t* const key = a.sorted.key + begin;
      if (n > 0 && key[n] == key[n - 1]) continue;
      row = a.rating[begin + a.sorted.place[begin + n]].item;
    }
    const float* const from = row_of(a.rows, row, a.width);
    const std::int64_t first = a.features.rows > 0 ? a.features.offset[row] : 0;
    const std::int64_t end = a.features.rows > 0 ? a.features.offset[row + 1] : 0;
    for (int k = lane; k < a.width; k += kWarpLanes) {
      float sum = from[k];
      for (std::int64_t e = first; e < end; ++e) {
        sum += a.features.value[e] *
               a.feature_values[std::int64_t{a.features.column[e]} * 3 * a.width + k];
      }
      a.to[std::int64_t{row} * a.width + k] = sum;
    }
  }
}

__device__ __forceinline__ const float* user_of(const NeuralPairs& a, const NeuralRating& rating) {
  return row_of(a.users, rating.user, a.width);
}

__device__ __forceinline__ const float* item_of(const NeuralPairs& a, const NeuralRating& rating) {
  return a.item_values == nullptr ? row_of(a.items, rating.item, a.width)
                                  : a.item_values + std::int64_t{rating.item} * a.width;
}

// A warp for each pair in turn. Memory: two rows read and written.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    gather_input(const __grid_constant__ NeuralPairs a) {
  const int lane = static_cast<int>(threadIdx.x);
  const NeuralRating* const ratings = a.rating + batch_begin(a.cursor, a.span);
  for (std::int64_t pair = blockIdx.x; pair < a.count; pair += gridDim.x) {
    const NeuralRating rating = ratings[pair];
    const float* const user = user_of(a, rating);
    const float* const item = item_of(a, rating);
    float* const to = a.input + pair * 2 * a.factors;
    for (int k = lane; k < 2 * a.factors; k += kWarpLanes) {
      const float value = k < a.factors ? user[k] : item[k - a.factors];
      to[k] = dropout_factor(a.dropout, a.cursor, pair, k) * value;
    }
  }
}

// Adds the bias, rectifies, drops out. Memory: the numbers read and written.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    activate(const __grid_constant__ NeuralActivation a) {
  each_number(a.pairs, a.outputs, [&](std::int64_t pair, int k) {
    float& value = a.values[pair * a.stride + k];
    const float sum = value + a.bias[k];
    const float rectified = sum <= 0 ? 0 : sum;  // so that NaN stays NaN
    const float by = dropout_factor(a.dropout, a.cursor, pair, k);
    value = by > 0 ? by * rectified : 0;
  });
}

// From the gradients of what activate() made to those of what it was made of. Memory: the numbers
// and gradients read, gradients written.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    deactivate(const __grid_constant__ NeuralActivation a) {
  each_number(a.pairs, a.outputs, [&](std::int64_t pair, int k) {
    a.gradient[pair * a.outputs + k] *= a.values[pair * a.stride + k] > 0 ? a.dropout.by : 0.0f;
  });
}

// A warp for each pair in turn: the output layer, the rating, and in training the slope of the loss
// and the gradients of the last hidden layer's sums; in validation the errors. Memory: two rows,
// and the numbers of the last hidden layer; written products and gradients.
template <bool kTraining>
__global__ void __launch_bounds__(kWarpLanes) score_pairs(const __grid_constant__ NeuralPairs a) {
  const int lane = static_cast<int>(threadIdx.x);
  const NeuralTop& top = a.top;
  const NeuralRating* const ratings = a.rating + batch_begin(a.cursor, a.span);
  const float share = 2 / static_cast<float>(a.count);
  double squared = 0;
  double absolute = 0;
  std::int64_t count = 0;
  for (std::int64_t pair = blockIdx.x; pair < a.count; pair += gridDim.x) {
    const NeuralRating rating = ratings[pair];
    const float* const user = user_of(a, rating);
    const float* const item = item_of(a, rating);
    float* const values = top.values + pair * top.stride;
    float sum = 0;
    for (int k = lane; k < top.hidden; k += kWarpLanes) sum += top.weight[k] * values[k];
    for (int k = top.hidden + lane; k < top.inputs; k += kWarpLanes) {
      const float product = user[k - top.hidden] * item[k - top.hidden];
      if (kTraining) values[k] = product;
      sum += top.weight[k] * product;
    }
    sum = warp_sum(sum) + top.weight[top.inputs];
    if (a.width > a.factors) sum += user[a.factors] + item[a.factors];
    const float predicted = a.output.rating(sum);
    ++count;
    if (kTraining) {
      const float error = predicted - rating.rating;
      squared += static_cast<double>(error) * static_cast<double>(error);
      const float slope = share * error * a.output.slope(sum);
      if (lane == 0) {
        values[top.inputs] = 1;
        a.slope[pair] = slope;
      }
      float* const gradient = top.hidden_gradient + pair * top.hidden;
      for (int k = lane; k < top.hidden; k += kWarpLanes) {
        gradient[k] = slope * top.weight[k] * (values[k] > 0 ? top.hidden_by : 0.0f);
      }
    } else {
      // So that NaN stays NaN.
      float clipped = predicted < a.scale.low ? a.scale.low : predicted;
      clipped = clipped > a.scale.high ? a.scale.high : clipped;
      const double error = static_cast<double>(rating.rating) - static_cast<double>(clipped);
      squared += error * error;
      absolute += fabs(error);
    }
  }
  if (!kTraining) {
    add_errors(a.errors[blockIdx.x], squared, absolute, count, lane);
  } else if (lane == 0) {
    a.squared[blockIdx.x] = squared;
  }
}

// A warp for each pair in turn: the gradients of its numbers, from those of the first hidden
// layer's input and of its products. Memory: gradients read and written, two rows.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    spread_gradients(const __grid_constant__ NeuralPairs a) {
  const int lane = static_cast<int>(threadIdx.x);
  const NeuralTop& top = a.top;
  const NeuralRating* const ratings = a.rating + batch_begin(a.cursor, a.span);
  for (std::int64_t pair = blockIdx.x; pair < a.count; pair += gridDim.x) {
    const NeuralRating rating = ratings[pair];
    const float* const user = user_of(a, rating);
    const float* const item = item_of(a, rating);
    const float slope = a.slope[pair];
    float* const gradient = a.input_gradient + pair * 2 * a.factors;
    for (int k = lane; k < a.factors; k += kWarpLanes) {
      float of_user = 0;
      float of_item = 0;
      if (top.hidden > 0) {
        of_user = gradient[k] * dropout_factor(a.dropout, a.cursor, pair, k);
        of_item =
            gradient[a.factors + k] * dropout_factor(a.dropout, a.cursor, pair, a.factors + k);
      }
      if (top.inputs > top.hidden) {
        const float by = slope * top.weight[top.hidden + k];
        of_user += by * item[k];
        of_item += by * user[k];
      }
      gradient[k] = of_user;
      gradient[a.factors + k] = of_item;
    }
  }
}

// A step of a row by the gradients of the batch's ratings `position`, ..., `end` - 1 of those that
// are sorted by its side.
__device__ __forceinline__ void update_row(const NeuralPairs& a, const NeuralUpdate& u,
                                           const AdamStep& adam, bool is_item,
                                           std::int64_t position) {
  const int lane = static_cast<int>(threadIdx.x);
  const std::int64_t begin = batch_begin(a.cursor, a.span);
  const NeuralSorted& sorted = is_item ? u.by_item : u.by_user;
  const std::uint32_t* const key = sorted.key + begin;
  const std::int32_t* const place = sorted.place + begin;
  if (position > 0 && key[position] == key[position - 1]) return;
  std::int64_t end = position + 1;
  while (end < a.count && key[end] == key[position]) ++end;
  const NeuralRating rating = a.rating[begin + place[position]];
  float* const value =
      is_item ? row_of(a.items, rating.item, a.width) : row_of(a.users, rating.user, a.width);
  const float* const gradient = a.input_gradient + (is_item ? a.factors : 0);
  for (int k = lane; k < a.width; k += kWarpLanes) {
    float sum = 0;
#pragma unroll 4
    for (std::int64_t n = position; n < end; ++n) {
      const std::int64_t pair = place[n];
      sum += k < a.factors ? gradient[pair * 2 * a.factors + k] : a.slope[pair];
    }
    adam.apply(sum, value[k], value[a.width + k], value[2 * a.width + k]);
    if (is_item && u.touched != nullptr) {
      u.item_sums[std::int64_t{rating.item} * a.width + k] = sum;
    }
  }
  if (is_item && u.touched != nullptr && lane == 0) u.touched[rating.item] = a.cursor->place + 1;
}

// Warps for each rating's user and each one's item, of which the first of a row updates it, and for
// each 32 weights of the network. Memory a row: three times its numbers read and written, and the
// gradients of its ratings.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    update_weights(const __grid_constant__ NeuralPairs a, const __grid_constant__ NeuralUpdate u) {
  const AdamStep adam = u.adam[a.cursor->place / a.batch];
  const std::int64_t rows = 2 * std::int64_t{a.count};
  const std::int64_t warps = rows + (u.size + kWarpLanes - 1) / kWarpLanes;
  for (std::int64_t n = blockIdx.x; n < warps; n += gridDim.x) {
    if (n < rows) {
      const bool is_item = n >= a.count;
      update_row(a, u, adam, is_item, is_item ? n - a.count : n);
      continue;
    }
    const std::int64_t k = (n - rows) * kWarpLanes + threadIdx.x;
    if (k < u.size) {
      adam.apply(u.gradient[k], u.network[k], u.network[u.size + k], u.network[2 * u.size + k]);
    }
  }
}

// A warp for each piece of a feature's items in turn: what those of them that the batch touches add
// to the feature. Memory: 16 bytes an item; a row of each that is touched.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    sum_pieces(const __grid_constant__ NeuralPairs a, const __grid_constant__ NeuralUpdate u) {
  constexpr int kPerLane = 4;
  const int lane = static_cast<int>(threadIdx.x);
  const std::int64_t stamp = a.cursor->place + 1;
  for (std::int64_t piece = blockIdx.x; piece < u.pieces; piece += gridDim.x) {
    const std::int64_t end = u.piece_begin[piece + 1];
    bool is_touched = false;
    for (int from = 0; from < a.width; from += kPerLane * kWarpLanes) {
      float sum[kPerLane] = {};
      for (std::int64_t first = u.piece_begin[piece]; first < end; first += kWarpLanes) {
        const bool there = first + lane < end;
        const Index item = there ? u.items_of.column[first + lane] : 0;
        const float weight = there ? u.items_of.value[first + lane] : 0;
        unsigned left = __ballot_sync(kAllLanes, there && u.touched[item] == stamp);
        is_touched = is_touched || left != 0;
        for (; left != 0; left &= left - 1) {
          const int source = __ffs(static_cast<int>(left)) - 1;
          const float by = __shfl_sync(kAllLanes, weight, source);
          const float* const row =
              u.item_sums + std::int64_t{__shfl_sync(kAllLanes, item, source)} * a.width;
          for (int n = 0; n < kPerLane; ++n) {
            const int k = from + n * kWarpLanes + lane;
            if (k < a.width) sum[n] += by * row[k];
          }
        }
      }
      for (int n = 0; n < kPerLane; ++n) {
        const int k = from + n * kWarpLanes + lane;
        if (k < a.width) u.piece_sums[piece * a.width + k] = sum[n];
      }
    }
    if (lane == 0) u.piece_touched[piece] = is_touched ? 1 : 0;
  }
}

// A warp for each feature in turn: a step, if the batch touches one of its items. Memory: a row of
// each of its pieces.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    update_features(const __grid_constant__ NeuralPairs a, const __grid_constant__ NeuralUpdate u) {
  const AdamStep adam = u.adam[a.cursor->place / a.batch];
  for (Index feature = static_cast<Index>(blockIdx.x); feature < u.features.rows;
       feature += static_cast<Index>(gridDim.x)) {
    const std::int64_t first = u.feature_piece[feature];
    const std::int64_t end = u.feature_piece[feature + 1];
    float* const value = row_of(u.features, feature, a.width);
    for (int k = static_cast<int>(threadIdx.x); k < a.width; k += kWarpLanes) {
      float sum = 0;
      bool is_touched = false;
      for (std::int64_t piece = first; piece < end; ++piece) {
        if (u.piece_touched[piece] == 0) continue;
        sum += u.piece_sums[piece * a.width + k];
        is_touched = true;
      }
      if (is_touched) adam.apply(sum, value[k], value[a.width + k], value[2 * a.width + k]);
    }
  }
}

// One warp: adds up the batch's errors, and goes on to the next batch.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    finish_batch(const double* squared, int warps, int pairs, NeuralCursor* cursor) {
  const int lane = static_cast<int>(threadIdx.x);
  double sum = 0;
  for (int n = lane; n < warps; n += kWarpLanes) sum += squared[n];
  for (int offset = kWarpLanes / 2; offset > 0; offset /= 2) {
    sum += __shfl_xor_sync(kAllLanes, sum, offset);
  }
  if (lane != 0) return;
  cursor->squared += sum;
  cursor->place += pairs;
}

// A warp for each number of a row in turn. Memory: that number of every row.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    mean_rows(const __grid_constant__ NeuralMean a) {
  const int lane = static_cast<int>(threadIdx.x);
  for (int k = static_cast<int>(blockIdx.x); k < a.width; k += static_cast<int>(gridDim.x)) {
    double sum = 0;
    for (Index row = lane; row < a.rows.rows; row += kWarpLanes) {
      if (a.rows.trained[row] != 0) sum += static_cast<double>(row_of(a.rows, row, a.width)[k]);
    }
    for (int offset = kWarpLanes / 2; offset > 0; offset /= 2) {
      sum += __shfl_xor_sync(kAllLanes, sum, offset);
    }
    if (lane == 0) {
      a.mean[k] = static_cast<float>(sum / static_cast<double>(a.trained > 0 ? a.trained : 1));
    }
  }
}

// Memory: a row written for each that is not trained.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    fill_untrained_rows(const __grid_constant__ NeuralMean a) {
  each_number(a.rows.rows, a.width, [&](std::int64_t row, int k) {
    if (a.rows.trained[row] != 0) return;
    row_of(a.rows, static_cast<Index>(row), a.width)[k] = a.mean[k];
  });
}

}  // namespace tusk
