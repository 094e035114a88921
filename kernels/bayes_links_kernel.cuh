// Device code: what the draw of links takes beside products of dense matrices. A block of threads
// is one warp. All sums are in one order. The columns of all chains are computed side by side.
#pragma once

#include "bayes_arguments.hpp"
#include "each_place.cuh"
#include "entry_groups.cuh"
#include "warp.cuh"

namespace tusk {

extern __shared__ double shared_memory[];

// Columns of a row that a warp computes together.
inline constexpr int kProductPerLane = 4;
inline constexpr int kProductColumns = kProductPerLane * kWarpLanes;

constexpr int product_blocks(int width) { return (width + kProductColumns - 1) / kProductColumns; }

// How the sum over a row's entries becomes a number of the product.
__device__ __forceinline__ void put_product(const BayesProduct& a, std::int64_t row, int k,
                                            float sum) {
  float& to = a.to[row * a.width + k];
  to = a.add ? to + a.sign * sum : a.sign * sum;
}

// A warp for each piece and 128 columns in turn. Memory an entry: 8 bytes, and 128 numbers.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    multiply_pieces(const __grid_constant__ BayesProduct a) {
  constexpr int kAtOnce = 4;
  const int lane = static_cast<int>(threadIdx.x);
  const int blocks = product_blocks(a.width);
  for (std::int64_t n = blockIdx.x; n < a.pieces * blocks; n += gridDim.x) {
    const std::int64_t piece = n / blocks;
    const int first = static_cast<int>(n % blocks) * kProductColumns + lane;
    const Index row = a.piece_row[piece];
    float sum[kProductPerLane] = {};
    each_group<kAtOnce>(a.matrix, a.piece_begin[piece], a.piece_begin[piece + 1], lane,
                        [&](const Index(&column)[kAtOnce], const float(&value)[kAtOnce]) {
#pragma unroll
                          for (int e = 0; e < kAtOnce; ++e) {
                            const float* const from =
                                a.from + std::int64_t{column[e]} * a.width + first;
#pragma unroll
                            for (int c = 0; c < kProductPerLane; ++c) {
                              if (first + c * kWarpLanes < a.width) {
                                sum[c] += value[e] * from[c * kWarpLanes];
                              }
                            }
                          }
                        });
    const bool whole = a.row_piece[row + 1] - a.row_piece[row] == 1;
#pragma unroll
    for (int c = 0; c < kProductPerLane; ++c) {
      const int k = first + c * kWarpLanes;
      if (k >= a.width) continue;
      if (whole) {
        put_product(a, row, k, sum[c]);
      } else {
        a.partial[piece * a.width + k] = sum[c];
      }
    }
  }
}

// The rows that are not one piece: a warp for each row in turn.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    add_pieces(const __grid_constant__ BayesProduct a) {
  for (std::int64_t row = blockIdx.x; row < a.matrix.rows; row += gridDim.x) {
    const std::int64_t first = a.row_piece[row];
    const std::int64_t end = a.row_piece[row + 1];
    if (end - first == 1) continue;
    for (int k = static_cast<int>(threadIdx.x); k < a.width; k += kWarpLanes) {
      float sum = 0;
      for (std::int64_t piece = first; piece < end; ++piece) sum += a.partial[piece * a.width + k];
      put_product(a, row, k, sum);
    }
  }
}

// A warp for each row of a chain in turn. Memory: the row, and the triangle, which is there for
// all.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    multiply_lower(const __grid_constant__ BayesLowerProduct a) {
  const int lane = static_cast<int>(threadIdx.x);
  const int stride = a.layout.stride;
  float* const row = reinterpret_cast<float*>(shared_memory);
  const std::int64_t all = std::int64_t{a.rows} * a.layout.chains;
  for (std::int64_t n = blockIdx.x; n < all; n += gridDim.x) {
    const std::int64_t chain = n % a.layout.chains;
    const bool known = a.known == nullptr || a.known[n / a.layout.chains] != 0;
    for (int k = lane; k < stride; k += kWarpLanes) {
      const float number = known ? a.from[n * stride + k] : 0;
      row[k] = known && a.less != nullptr ? number - a.less[chain * stride + k] : number;
    }
    __syncwarp();
    const float* const lower = a.lower + chain * stride * stride;
    for (int first = 0; first < stride; first += kWarpLanes) {
      const int k = first + lane;
      float sum = 0;
#pragma unroll 4
      for (int i = first; i < a.layout.width; ++i) {
        sum += row[i] * lower[std::int64_t{i} * stride + k];
      }
      a.to[n * stride + k] = sum;
    }
    __syncwarp();
  }
}

// The first residual and direction, where the solution is 0.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    start_gradients(const __grid_constant__ BayesGradients a) {
  each_place(a.rows, a.width, [&](std::int64_t row, std::int64_t k) {
    const std::int64_t at = row * a.width + k;
    const float residual = a.right[at];
    const float scaled = residual / (a.diagonal[row] + a.precision[k / a.stride]);
    a.residual[at] = residual;
    a.scaled[at] = scaled;
    a.direction[at] = scaled;
  });
}

// Adds b times the direction to the product.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    add_precision(const __grid_constant__ BayesGradients a) {
  each_place(a.rows, a.width, [&](std::int64_t row, std::int64_t k) {
    const std::int64_t at = row * a.width + k;
    a.product[at] += a.precision[k / a.stride] * a.direction[at];
  });
}

[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    advance_solution(const __grid_constant__ BayesGradients a) {
  each_place(a.rows, a.width, [&](std::int64_t row, std::int64_t k) {
    if (a.done[k / a.stride] != 0) return;
    const std::int64_t at = row * a.width + k;
    const float length = a.curvature[k] > 0 ? static_cast<float>(a.square[k] / a.curvature[k]) : 0;
    a.solution[at] += length * a.direction[at];
    a.residual[at] -= length * a.product[at];
    a.scaled[at] = a.residual[at] / (a.diagonal[row] + a.precision[k / a.stride]);
  });
}

[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    turn_direction(const __grid_constant__ BayesGradients a) {
  each_place(a.rows, a.width, [&](std::int64_t row, std::int64_t k) {
    const std::int64_t at = row * a.width + k;
    const float keep = a.square[k] > 0 ? static_cast<float>(a.next_square[k] / a.square[k]) : 0;
    a.direction[at] = a.scaled[at] + keep * a.direction[at];
  });
}

// A warp for each chunk of rows and 32 columns in turn.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    sum_columns(const __grid_constant__ BayesColumnSums a) {
  const std::int64_t chunks = (a.rows + kMomentRows - 1) / kMomentRows;
  each_place(chunks, a.width, [&](std::int64_t chunk, std::int64_t k) {
    const std::int64_t first = chunk * kMomentRows;
    const std::int64_t end = first + kMomentRows < a.rows ? first + kMomentRows : a.rows;
    double sum = 0;
#pragma unroll 4
    for (std::int64_t row = first; row < end; ++row) {
      sum +=
          static_cast<double>(a.a[row * a.width + k]) * static_cast<double>(a.b[row * a.width + k]);
    }
    a.partial[chunk * a.width + k] = sum;
  });
}

[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    add_columns(const __grid_constant__ BayesColumnSums a) {
  const std::int64_t chunks = (a.rows + kMomentRows - 1) / kMomentRows;
  each_place(a.width, 1, [&](std::int64_t k, std::int64_t) {
    double sum = 0;
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk) sum += a.partial[chunk * a.width + k];
    a.sums[k] = sum;
  });
}

}  // namespace tusk
