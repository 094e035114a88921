// Device code: vectors of Gibbs sampling, and what they are drawn with. A block of threads is one
// warp. All sums are in one order. Each vector is drawn as BayesSide draws it on the CPU, from the
// same random numbers; only rounding differs.
#pragma once

#include "algebra/normal_draws.hpp"
#include "backend/bayes_streams.hpp"
#include "bayes_arguments.hpp"
#include "each_place.cuh"
#include "gram_tile.cuh"
#include "warp.cuh"

namespace tusk {

extern __shared__ double shared_memory[];

// A lane for each four numbers in turn. Memory: the numbers written.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    fill_normals(const __grid_constant__ BayesNormals a) {
  const int quads = a.layout.stride / 4;
  each_place(std::int64_t{a.rows} * a.layout.chains, quads, [&](std::int64_t n, std::int64_t quad) {
    const std::int64_t row = n / a.layout.chains;
    const auto chain = static_cast<int>(n % a.layout.chains);
    const Random4 words = philox(
        a.seed, bayes_stream(a.use, chain, a.of_items, static_cast<std::uint64_t>(a.first + row)),
        a.counter + static_cast<std::uint64_t>(quad));
    const double deviation =
        a.deviations == nullptr ? a.deviation : static_cast<double>(a.deviations[chain]);
    for (int k = 0; k < 4; ++k) {
      const auto at = static_cast<int>(quad) * 4 + k;
      float& to = a.to[n * a.layout.stride + at];
      const float number =
          at < a.count ? static_cast<float>(deviation * normal_of_bits(words.word[k])) : 0.0f;
      to = a.add ? to + number : number;
    }
  });
}

// A warp for each chunk of rows, chain and tile. Memory a row and tile: twice 32 numbers.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    sum_moments(const __grid_constant__ BayesMoments a) {
  const int lane = static_cast<int>(threadIdx.x);
  const int pairs = bayes_tiles(a.layout.stride);
  const std::int64_t n = blockIdx.x / static_cast<unsigned>(pairs);
  const TilePair pair = tile_pair(static_cast<int>(blockIdx.x % static_cast<unsigned>(pairs)),
                                  a.layout.stride / kGramTile);
  const auto chain = static_cast<int>(n % a.layout.chains);
  const std::int64_t first = n / a.layout.chains * kMomentRows;
  const std::int64_t end = first + kMomentRows < a.rows ? first + kMomentRows : a.rows;
  const auto number = [&](Index row, int tile) -> float {
    const int k = tile * kGramTile + lane;
    if (k > a.layout.width || (a.known != nullptr && a.known[row] == 0)) return 0;
    if (k == a.layout.width) return 1;
    const std::int64_t at = (std::int64_t{row} * a.layout.chains + chain) * a.layout.stride + k;
    return a.less == nullptr ? a.from[at] : a.from[at] - a.less[at];
  };
  GramTile tile(reinterpret_cast<float*>(shared_memory), lane);
  tile.add(
      first, end, [](std::int64_t at, Index& row, float&) { row = static_cast<Index>(at); },
      [&](Index row, float, float& left, float& right) {
        left = number(row, pair.left);
        right = number(row, pair.right);
      });
  float* const to = a.partial + std::int64_t{blockIdx.x} * kBayesTileFloats;
  tile.each([&](int i, int j, float sum) { to[i * kGramTile + j] = sum; });
}

// A lane for each number of the sums in turn.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    add_moments(const __grid_constant__ BayesMoments a) {
  const std::int64_t numbers =
      std::int64_t{a.layout.chains} * bayes_tiles(a.layout.stride) * kBayesTileFloats;
  const std::int64_t chunks = (a.rows + kMomentRows - 1) / kMomentRows;
  each_place(numbers, 1, [&](std::int64_t at, std::int64_t) {
    double sum = 0;
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
      sum += static_cast<double>(a.partial[chunk * numbers + at]);
    }
    a.sums[at] = sum;
  });
}

// A warp for each piece, chain and tile. Memory a rating and tile: 8 bytes, and twice 32 numbers of
// the other's vector.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    sum_grams(const __grid_constant__ BayesArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  const int pairs = bayes_tiles(a.layout.stride);
  const std::int64_t n = blockIdx.x / static_cast<unsigned>(pairs);
  const TilePair pair = tile_pair(static_cast<int>(blockIdx.x % static_cast<unsigned>(pairs)),
                                  a.layout.stride / kGramTile);
  const std::int64_t piece = a.first_piece + n / a.layout.chains;
  const auto chain = static_cast<int>(n % a.layout.chains);
  const int bias = a.layout.width - 1;
  const auto number = [&](const float* y, float value, int tile) -> float {
    const int k = tile * kGramTile + lane;
    if (k == bias) return 1;
    if (k == bias + 1) return value - y[bias];
    return k < bias ? y[k] : 0;
  };
  GramTile tile(reinterpret_cast<float*>(shared_memory), lane);
  tile.add(
      a.piece_begin[piece], a.piece_begin[piece + 1],
      [&](std::int64_t at, Index& column, float& value) {
        column = a.ratings.column[at];
        value = a.ratings.value[at];
      },
      [&](Index column, float value, float& left, float& right) {
        const float* const y =
            a.others + (std::int64_t{column} * a.layout.chains + chain) * a.layout.stride;
        left = number(y, value, pair.left);
        right = number(y, value, pair.right);
      });
  float* const to = a.gram + std::int64_t{blockIdx.x} * kBayesTileFloats;
  tile.each([&](int i, int j, float sum) { to[i * kGramTile + j] = sum; });
}

// The vector that a warp draws.
struct DrawnVector {
  __device__ __forceinline__ DrawnVector(const BayesArguments& a, std::int64_t which)
      : n(which),
        chain(static_cast<int>(which % a.layout.chains)),
        row(a.first_row + static_cast<Index>(which / a.layout.chains)),
        place(std::int64_t{row} * a.layout.chains + chain),
        first(a.row_piece[row] - a.first_piece),
        end(a.row_piece[row + 1] - a.first_piece) {}

  std::int64_t n;  // of the batch
  int chain;
  Index row;
  std::int64_t place;  // among all vectors
  std::int64_t first;  // of its pieces
  std::int64_t end;
};

// The number in row i and column k >= i of the vector's Gram matrix.
__device__ __forceinline__ float gram_number(const BayesArguments& a, const DrawnVector& v, int i,
                                             int k) {
  const int tiles = a.layout.stride / kGramTile;
  const float* from = a.gram +
                      ((v.first * a.layout.chains + v.chain) * bayes_tiles(a.layout.stride) +
                       tile_pair_number(i / kGramTile, k / kGramTile, tiles)) *
                          kBayesTileFloats +
                      i % kGramTile * kGramTile + k % kGramTile;
  float sum = 0;
  for (std::int64_t piece = v.first; piece < v.end; ++piece) {
    sum += *from;
    from += std::int64_t{a.layout.chains} * bayes_tiles(a.layout.stride) * kBayesTileFloats;
  }
  return sum;
}

// Number k < width of L times the mean of the vector's prior.
__device__ __forceinline__ float prior_number(const BayesArguments& a, const DrawnVector& v,
                                              int k) {
  float sum = a.mean[std::int64_t{v.chain} * a.layout.stride + k];
  if (a.linked == nullptr) return sum;
  const float* const linked = a.linked + v.place * a.layout.stride;
  const float* const precision =
      a.precision + std::int64_t{v.chain} * a.layout.stride * a.layout.stride;
  for (int i = 0; i < a.layout.width; ++i) {
    sum += precision[std::int64_t{i} * a.layout.stride + k] * linked[i];
  }
  return sum;
}

// Number (i, k), k >= i, of the vector's posterior precision A = L + alpha Gram. For k = width
// number i of A times the posterior mean, without what prior_number() adds to it.
__device__ __forceinline__ float posterior_number(const BayesArguments& a, const DrawnVector& v,
                                                  int i, int k) {
  const float of_ratings = a.alpha[v.chain] * gram_number(a, v, i, k);
  if (k == a.layout.width) return of_ratings;
  return a.precision[(std::int64_t{v.chain} * a.layout.stride + i) * a.layout.stride + k] +
         of_ratings;
}

__device__ __forceinline__ float vector_normal(const BayesArguments& a, const DrawnVector& v,
                                               int k) {
  return static_cast<float>(normal_draw(a.seed,
                                        bayes_stream(RandomUse::bayes_vectors, v.chain, a.of_items,
                                                     static_cast<std::uint64_t>(v.row)),
                                        a.counter, static_cast<std::uint64_t>(k)));
}

// The sum of the squared errors of the row's ratings, from their Gram matrix; x(k) is the vector.
template <class Vector>
__device__ __forceinline__ double squared_error(const BayesArguments& a, const DrawnVector& v,
                                                int lane, const Vector& x) {
  const int width = a.layout.width;
  double sum = 0;
  for (int i = 0; i <= width; ++i) {
    const double of_row = i == width ? -1 : static_cast<double>(x(i));
    for (int k = i + lane; k <= width; k += kWarpLanes) {
      const double of_column = k == width ? -1 : static_cast<double>(x(k));
      sum += (k == i ? 1 : 2) * of_row * of_column * static_cast<double>(gram_number(a, v, i, k));
    }
  }
  for (int offset = kWarpLanes / 2; offset > 0; offset /= 2) {
    sum += __shfl_xor_sync(kAllLanes, sum, offset);
  }
  return sum;
}

// A warp for each vector of the batch in turn, in shared memory: with A = U'U it solves
//   U x = U'^-1 b + z
// for b, A times the posterior mean, and normal numbers z. Row j of U is stored from its diagonal
// on, followed by number j of U'^-1 b, as if b were one more column of A. Memory: the Gram matrix,
// twice where errors are asked for, and L, which all vectors of a chain share.
template <int Chunks>
__global__ void __launch_bounds__(kWarpLanes) draw_rows(const __grid_constant__ BayesArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  const int width = a.layout.width;
  float* const upper = reinterpret_cast<float*>(shared_memory);
  // So that upper[begin(j) + k] is number j, k.
  const auto begin = [width](int j) { return j * width - j * (j - 1) / 2; };
  const std::int64_t all = std::int64_t{a.rows} * a.layout.chains;
  for (std::int64_t n = blockIdx.x; n < all; n += gridDim.x) {
    const DrawnVector v(a, n);
    for (int j = lane; j < width; j += kWarpLanes) {
      upper[begin(j) + width] = prior_number(a, v, j);
    }
    __syncwarp();
    for (int j = 0; j < width; ++j) {
      for (int k = j / kWarpLanes * kWarpLanes + lane; k <= width; k += kWarpLanes) {
        if (k < j) continue;
        const float number = posterior_number(a, v, j, k);
        float& to = upper[begin(j) + k];
        to = k == width ? to + number : number;
      }
    }
    __syncwarp();
    for (int j = 0; j < width; ++j) {
      // Lanes hold the numbers from the diagonal on; what they read past the last is not used.
      float* const own = upper + begin(j) + j + lane;
      const int chunks = (width - j) / kWarpLanes + 1;
      float sum[Chunks];
#pragma unroll
      for (int c = 0; c < Chunks; ++c) sum[c] = c < chunks ? own[c * kWarpLanes] : 0;
#pragma unroll 4
      for (int k = 0; k < j; ++k) {
        const float* const row = upper + begin(k) + j;
        const float by = row[0];
#pragma unroll
        for (int c = 0; c < Chunks; ++c) {
          if (c < chunks) sum[c] -= by * row[c * kWarpLanes + lane];
        }
      }
      const float inverse = 1 / sqrtf(__shfl_sync(kAllLanes, sum[0], 0));
#pragma unroll
      for (int c = 0; c < Chunks; ++c) {
        if (j + c * kWarpLanes + lane <= width) own[c * kWarpLanes] = sum[c] * inverse;
      }
      if (lane == 0) own[0] = inverse;
      __syncwarp();
    }
    float x[Chunks];
#pragma unroll
    for (int c = 0; c < Chunks; ++c) {
      const int k = c * kWarpLanes + lane;
      x[c] = k < width ? upper[begin(k) + width] + vector_normal(a, v, k) : 0;
    }
#pragma unroll
    for (int c = Chunks - 1; c >= 0; --c) {
      for (int l = kWarpLanes - 1; l >= 0; --l) {
        const int k = c * kWarpLanes + l;
        if (k >= width) continue;
        const float solved = __shfl_sync(kAllLanes, x[c], l) * upper[begin(k) + k];
        if (lane == l) x[c] = solved;
#pragma unroll
        for (int above = 0; above <= c; ++above) {
          const int i = above * kWarpLanes + lane;
          if (i < k) x[above] -= upper[begin(i) + k] * solved;
        }
      }
    }
    __syncwarp();  // all lanes are done with what is overwritten
    float* const to = a.vectors + v.place * a.layout.stride;
#pragma unroll
    for (int c = 0; c < Chunks; ++c) {
      to[c * kWarpLanes + lane] = x[c];
      upper[c * kWarpLanes + lane] = x[c];
    }
    __syncwarp();
    if (a.error != nullptr) {
      const double error = squared_error(a, v, lane, [&](int k) { return upper[k]; });
      if (lane == 0) a.error[v.place] = error;
      __syncwarp();
    }
  }
}

// A warp for each vector of the batch in turn: A, its upper triangle, and b, A times the mean.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    fill_systems(const __grid_constant__ BayesArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  const int width = a.layout.width;
  const std::int64_t all = std::int64_t{a.rows} * a.layout.chains;
  for (std::int64_t n = blockIdx.x; n < all; n += gridDim.x) {
    const DrawnVector v(a, n);
    float* const matrix = a.matrix + n * width * a.layout.stride;
    for (int j = 0; j < width; ++j) {
      for (int k = j + lane; k < width; k += kWarpLanes) {
        matrix[std::int64_t{j} * a.layout.stride + k] = posterior_number(a, v, j, k);
      }
    }
    for (int k = lane; k < width; k += kWarpLanes) {
      a.right[n * a.layout.stride + k] = prior_number(a, v, k) + posterior_number(a, v, k, width);
    }
  }
}

// The same when A is decomposed: with A = U'U it adds U'z to b, so that the solution of A x = b +
// U'z is the mean and U^-1 z.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    add_normals(const __grid_constant__ BayesArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  const int width = a.layout.width;
  float* const normal = reinterpret_cast<float*>(shared_memory);
  const std::int64_t all = std::int64_t{a.rows} * a.layout.chains;
  for (std::int64_t n = blockIdx.x; n < all; n += gridDim.x) {
    const DrawnVector v(a, n);
    for (int k = lane; k < width; k += kWarpLanes) normal[k] = vector_normal(a, v, k);
    __syncwarp();
    const float* const upper = a.matrix + n * width * a.layout.stride;
    for (int k = lane; k < width; k += kWarpLanes) {
      float sum = 0;
      for (int j = 0; j <= k; ++j) sum += upper[std::int64_t{j} * a.layout.stride + k] * normal[j];
      a.right[n * a.layout.stride + k] += sum;
    }
    __syncwarp();
  }
}

// The solutions as vectors, which are NaN where A was not positive definite.
[[maybe_unused]] static __global__ void __launch_bounds__(kWarpLanes)
    store_vectors(const __grid_constant__ BayesArguments a) {
  const int lane = static_cast<int>(threadIdx.x);
  const int width = a.layout.width;
  const std::int64_t all = std::int64_t{a.rows} * a.layout.chains;
  for (std::int64_t n = blockIdx.x; n < all; n += gridDim.x) {
    const DrawnVector v(a, n);
    float* const to = a.vectors + v.place * a.layout.stride;
    for (int k = lane; k < width; k += kWarpLanes) {
      to[k] = a.info[n] == 0 ? a.right[n * a.layout.stride + k] : NAN;
    }
    if (a.error == nullptr) continue;
    __syncwarp();
    const double error = squared_error(a, v, lane, [&](int k) { return to[k]; });
    if (lane == 0) a.error[v.place] = error;
  }
}

}  // namespace tusk
