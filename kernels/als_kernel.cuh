// Device code: rows of iALS, solved by conjugate gradients or by their normal equations. A block of
// threads is one warp. All sums are in one order. Each row is solved as AlsKernel solves it on the
// CPU; only rounding differs.
#pragma once

#include "als_arguments.hpp"
#include "backend/als_limits.hpp"
#include "entry_groups.cuh"
#include "gram_tile.cuh"
#include "row_access.cuh"

namespace tusk {

// What a pass over the interactions adds up: weight (1 - <y, x>) y of the factors x, which is the
// residual of the normal equations but for the Gram matrix, or weight <y, p> y of the direction p.
enum class AlsPass { residual, product };

__device__ __forceinline__ const unsigned char* bytes_of(const float* row) {
  return reinterpret_cast<const unsigned char*>(row);
}

// The factor by which y is added, and in `value` what it adds to f.
template <AlsPass kPass>
__device__ __forceinline__ float als_factor(float weight, float product, double& value) {
  if constexpr (kPass == AlsPass::residual) {
    const float error = 1 - product;
    const float factor = weight * error;
    value += static_cast<double>(factor) * static_cast<double>(error);
    return factor;
  } else {
    return weight * product;
  }
}

// A warp for each piece in turn, with x or p and the sums in registers. Memory an entry: 8 bytes,
// and a row of factors, which is on its way for several entries at a time.
template <AlsPass kPass, int PerLane>
__global__ void __launch_bounds__(kWarpLanes) visit_pieces(const __grid_constant__ AlsArguments a) {
  using Access = RowAccess<float, PerLane>;
  constexpr int kAtOnce = PerLane > 8 ? 2 : 4;
  const int lane = static_cast<int>(threadIdx.x);
  const std::size_t stride = static_cast<std::size_t>(a.stride);
  for (std::int64_t n = blockIdx.x; n < a.pieces; n += gridDim.x) {
    const std::int64_t piece = a.first_piece + n;
    const Index row = a.piece_row[piece];
    const float* const with =
        kPass == AlsPass::residual
            ? a.factors + static_cast<std::size_t>(row) * stride
            : a.direction + static_cast<std::size_t>(row - a.first_row) * stride;
    float x[PerLane];
    Access::load(bytes_of(with), lane, x);
    float sum[PerLane] = {};
    double value = 0;
    each_group<kAtOnce>(a.weights, a.piece_begin[piece], a.piece_begin[piece + 1], lane,
                        [&](const Index(&column)[kAtOnce], const float(&weight)[kAtOnce]) {
                          float y[kAtOnce][PerLane];
                          float product[kAtOnce];
#pragma unroll
                          for (int e = 0; e < kAtOnce; ++e) {
                            Access::load(
                                bytes_of(a.others + static_cast<std::size_t>(column[e]) * stride),
                                lane, y[e]);
                          }
#pragma unroll
                          for (int e = 0; e < kAtOnce; ++e) {
                            product[e] = 0;
#pragma unroll
                            for (int k = 0; k < PerLane; ++k) product[e] += y[e][k] * x[k];
                            product[e] = warp_sum(product[e]);
                          }
#pragma unroll
                          for (int e = 0; e < kAtOnce; ++e) {
                            const float factor = als_factor<kPass>(weight[e], product[e], value);
#pragma unroll
                            for (int k = 0; k < PerLane; ++k) sum[k] += factor * y[e][k];
                          }
                        });
    float* const to = a.partial + static_cast<std::size_t>(n) * stride;
    Access::store(reinterpret_cast<unsigned char*>(to), lane, sum);
    if (kPass == AlsPass::residual && lane == 0) a.piece_value[n] = value;
  }
}

// The same for rows that are too long for registers: x and the sums are left in memory, in places
// that are each one lane's.
template <AlsPass kPass>
__global__ void __launch_bounds__(kWarpLanes)
    visit_long_pieces(const __grid_constant__ AlsArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  const std::size_t stride = static_cast<std::size_t>(a.stride);
  for (std::int64_t n = blockIdx.x; n < a.pieces; n += gridDim.x) {
    const std::int64_t piece = a.first_piece + n;
    const Index row = a.piece_row[piece];
    const float* const x = kPass == AlsPass::residual
                               ? a.factors + static_cast<std::size_t>(row) * stride
                               : a.direction + static_cast<std::size_t>(row - a.first_row) * stride;
    float* const sum = a.partial + static_cast<std::size_t>(n) * stride;
    for (int k = lane; k < a.stride; k += kWarpLanes) sum[k] = 0;
    double value = 0;
    each_group<1>(a.weights, a.piece_begin[piece], a.piece_begin[piece + 1], lane,
                  [&](const Index(&column)[1], const float(&weight)[1]) {
                    const float* const y = a.others + static_cast<std::size_t>(column[0]) * stride;
                    float product = 0;
                    for (int k = lane; k < a.stride; k += kWarpLanes) product += y[k] * x[k];
                    const float factor = als_factor<kPass>(weight[0], warp_sum(product), value);
                    for (int k = lane; k < a.stride; k += kWarpLanes) sum[k] += factor * y[k];
                  });
    if (kPass == AlsPass::residual && lane == 0) a.piece_value[n] = value;
  }
}

// What the pieces of a row add, in their order, to factor k.
__device__ __forceinline__ float sum_of_pieces(const AlsArguments& a, Index row, int k) {
  float sum = 0;
  for (std::int64_t piece = a.row_piece[row]; piece < a.row_piece[row + 1]; ++piece) {
    sum += a.partial[static_cast<std::size_t>(piece - a.first_piece) *
                         static_cast<std::size_t>(a.stride) +
                     static_cast<std::size_t>(k)];
  }
  return sum;
}

// A warp for each row of the batch in turn, each of whose factors is one lane's: from the passes'
// sums to the first residual, direction and value.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    start_rows(const __grid_constant__ AlsArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  for (Index n = static_cast<Index>(blockIdx.x); n < a.rows; n += static_cast<Index>(gridDim.x)) {
    const Index row = a.first_row + n;
    const auto first = static_cast<std::size_t>(n) * static_cast<std::size_t>(a.stride);
    const float* const x =
        a.factors + static_cast<std::size_t>(row) * static_cast<std::size_t>(a.stride);
    const float regularization = a.regularization[row];
    float quadratic = 0;
    float square = 0;
    for (int k = lane; k < a.stride; k += kWarpLanes) {
      const float of_gram = a.product[first + k] + regularization * x[k];
      const float residual = sum_of_pieces(a, row, k) - of_gram;
      quadratic += of_gram * x[k];
      square += residual * residual;
      a.residual[first + k] = residual;
      a.direction[first + k] = residual;
    }
    double value = static_cast<double>(warp_sum(quadratic));
    square = warp_sum(square);
    for (std::int64_t piece = a.row_piece[row]; piece < a.row_piece[row + 1]; ++piece) {
      value += a.piece_value[piece - a.first_piece];
    }
    if (lane == 0) {
      a.square[n] = square;
      a.value[n] = value;
    }
  }
}

// A step of the method; rows whose residual is 0 stay as they are.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    step_rows(const __grid_constant__ AlsArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  for (Index n = static_cast<Index>(blockIdx.x); n < a.rows; n += static_cast<Index>(gridDim.x)) {
    const float square = a.square[n];
    if (!(square > kAlsLeastSquare)) continue;
    const Index row = a.first_row + n;
    const auto first = static_cast<std::size_t>(n) * static_cast<std::size_t>(a.stride);
    float* const x = a.factors + static_cast<std::size_t>(row) * static_cast<std::size_t>(a.stride);
    const float regularization = a.regularization[row];
    float curvature = 0;
    for (int k = lane; k < a.stride; k += kWarpLanes) {
      const float direction = a.direction[first + k];
      const float product =
          a.product[first + k] + regularization * direction + sum_of_pieces(a, row, k);
      a.product[first + k] = product;
      curvature += direction * product;
    }
    const float length = square / warp_sum(curvature);
    float next = 0;
    for (int k = lane; k < a.stride; k += kWarpLanes) {
      x[k] += length * a.direction[first + k];
      const float residual = a.residual[first + k] - length * a.product[first + k];
      a.residual[first + k] = residual;
      next += residual * residual;
    }
    next = warp_sum(next);
    const float keep = next / square;
    for (int k = lane; k < a.stride; k += kWarpLanes) {
      a.direction[first + k] = a.residual[first + k] + keep * a.direction[first + k];
    }
    if (lane == 0) {
      a.square[n] = next;
      a.value[n] -= static_cast<double>(length) * static_cast<double>(square);
    }
  }
}

extern __shared__ double shared_memory[];

// How many tiles sum_systems computes for a row, each by a block of threads.
constexpr int system_tiles(int stride) { return tile_pairs(stride / kGramTile); }

// A tile of the normal equations of a row, of those in the upper triangle and on the diagonal; the
// latter also have their part of the right-hand side, and the first of them the sum of the weights.
// Memory an entry and tile: 8 bytes, and twice 32 factors.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    sum_systems(const __grid_constant__ AlsArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  const int pairs = system_tiles(a.stride);
  const auto n = static_cast<Index>(blockIdx.x / static_cast<unsigned>(pairs));
  const TilePair pair =
      tile_pair(static_cast<int>(blockIdx.x % static_cast<unsigned>(pairs)), a.stride / kGramTile);
  const Index row = a.first_row + n;
  const auto stride = static_cast<std::size_t>(a.stride);
  GramTile tile(reinterpret_cast<float*>(shared_memory), lane);
  float right_side = 0;
  double weights = 0;
  tile.add(
      a.weights.offset[row], a.weights.offset[row + 1],
      [&](std::int64_t at, Index& column, float& weight) {
        column = a.weights.column[at];
        weight = a.weights.value[at];
      },
      [&](Index column, float weight, float& left, float& right) {
        const float* const y = a.others + static_cast<std::size_t>(column) * stride;
        const float weighted = weight * y[pair.left * kGramTile + lane];
        left = weighted;
        right = y[pair.right * kGramTile + lane];
        right_side += weighted;
        weights += static_cast<double>(weight);
      });
  float* const matrix = a.matrix + static_cast<std::size_t>(n) * stride * stride;
  tile.each([&](int i, int j, float sum) {
    const int r = pair.left * kGramTile + i;
    const int c = pair.right * kGramTile + j;
    const std::size_t at = static_cast<std::size_t>(r) * stride + static_cast<std::size_t>(c);
    matrix[at] = a.gram[at] + sum + (r == c ? a.regularization[row] : 0);
  });
  if (pair.left != pair.right) return;
  const std::size_t at =
      static_cast<std::size_t>(n) * stride + static_cast<std::size_t>(pair.left * kGramTile + lane);
  a.right[at] = right_side;
  a.solution[at] = right_side;
  if (pair.left == 0 && lane == 0) a.value[n] = weights;
}

// The solutions as factors. At the minimum f is the sum of the weights less <b, x>.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    store_solutions(const __grid_constant__ AlsArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  const auto stride = static_cast<std::size_t>(a.stride);
  for (Index n = static_cast<Index>(blockIdx.x); n < a.rows; n += static_cast<Index>(gridDim.x)) {
    const Index row = a.first_row + n;
    // Without interactions x is 0 and stays so, whether A can be inverted or not.
    if (a.weights.offset[row] == a.weights.offset[row + 1]) continue;
    float* const x = a.factors + static_cast<std::size_t>(row) * stride;
    const std::size_t first = static_cast<std::size_t>(n) * stride;
    float product = 0;
    for (int k = lane; k < a.stride; k += kWarpLanes) {
      x[k] = a.solution[first + k];
      product += a.right[first + k] * x[k];
    }
    product = warp_sum(product);
    if (lane == 0) a.value[n] = a.info[n] == 0 ? a.value[n] - static_cast<double>(product) : NAN;
  }
}

// By row of the batch: what its regularization adds to the loss.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    measure_norms(const __grid_constant__ AlsArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  for (Index n = static_cast<Index>(blockIdx.x); n < a.rows; n += static_cast<Index>(gridDim.x)) {
    const Index row = a.first_row + n;
    const float* const x =
        a.factors + static_cast<std::size_t>(row) * static_cast<std::size_t>(a.stride);
    float square = 0;
    for (int k = lane; k < a.stride; k += kWarpLanes) square += x[k] * x[k];
    square = warp_sum(square);
    if (lane == 0) {
      a.value[n] = static_cast<double>(a.regularization[row]) * static_cast<double>(square);
    }
  }
}

}  // namespace tusk
