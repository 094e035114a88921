// Device code: Gram matrices of sparse rows, and what their inverses take beside products of dense
// matrices. A block of threads is one warp.
#pragma once

#include "each_place.cuh"
#include "gram_arguments.hpp"
#include "warp.cuh"

namespace tusk {

// A warp for each row of the matrix in turn: for each entry of the row of R, in order, the entries
// of its column up to the row are added to sums that are the warp's own, in double precision. So
// all sums are added up in one order. Rows with many entries should come first: few of the entries
// of a column belong to earlier rows. Memory an addition: 8 bytes read of the column, and a sum,
// 8 bytes, read and written.
template <class T>
__global__ void __launch_bounds__(kWarpLanes)
    sum_gram_rows(const __grid_constant__ GramArguments<T> a) {
  const int lane = static_cast<int>(threadIdx.x);
  const std::int64_t size = a.rows.rows;
  double* const sums = a.sums + std::int64_t{blockIdx.x} * size;
  for (std::int64_t row = blockIdx.x; row < size; row += gridDim.x) {
    const std::int64_t end = a.rows.offset[row + 1];
    for (std::int64_t first = a.rows.offset[row]; first < end; first += kWarpLanes) {
      Index my_column = 0;
      double my_weight = 0;
      if (first + lane < end) {
        my_column = a.rows.column[first + lane];
        my_weight = static_cast<double>(a.rows.value[first + lane]);
        if (a.scale != nullptr) my_weight *= a.scale[my_column];
      }
      const int here = end - first < kWarpLanes ? static_cast<int>(end - first) : kWarpLanes;
      for (int from = 0; from < here; ++from) {
        const Index column = __shfl_sync(kAllLanes, my_column, from);
        const double weight = __shfl_sync(kAllLanes, my_weight, from);
        const std::int64_t last = a.transposed.offset[column + 1];
        for (std::int64_t at = a.transposed.offset[column]; at < last; at += kWarpLanes) {
          if (a.transposed.column[at] > row) break;
          if (at + lane >= last) continue;
          const Index other = a.transposed.column[at + lane];
          if (other <= row)
            sums[other] += weight * static_cast<double>(a.transposed.value[at + lane]);
        }
        __syncwarp();  // the next column adds to the same sums, in other lanes
      }
    }
    T* const to = a.matrix + row * size;
    for (std::int64_t column = lane; column <= row; column += kWarpLanes) {
      const double sum = sums[column];
      sums[column] = 0;
      to[column] = static_cast<T>(column == row ? sum + a.diagonal[row] : sum);
    }
    __syncwarp();
  }
}

// The panel, from the lower triangle.
template <class T>
__global__ void __launch_bounds__(kWarpLanes)
    copy_panel(const __grid_constant__ SweepArguments<T> a) {
  each_place(a.size, a.height, [&](std::int64_t row, std::int64_t k) {
    const std::int64_t column = a.first + k;
    a.panel[row * a.tile + k] =
        row >= column ? a.matrix[row * a.size + column] : a.matrix[column * a.size + row];
  });
}

// The lower triangle of the pivot, from its upper one.
template <class T>
__global__ void __launch_bounds__(kWarpLanes)
    mirror_pivot(const __grid_constant__ SweepArguments<T> a) {
  each_place(a.height, a.height, [&](std::int64_t row, std::int64_t column) {
    if (row > column) a.pivot[row * a.tile + column] = a.pivot[column * a.tile + row];
  });
}

// The rows and columns of the step in the lower triangle, when the others are done.
template <class T>
__global__ void __launch_bounds__(kWarpLanes)
    store_panel(const __grid_constant__ SweepArguments<T> a) {
  each_place(a.size, a.height, [&](std::int64_t row, std::int64_t k) {
    const std::int64_t column = a.first + k;
    const T scaled = a.scaled[row * a.tile + k];
    if (row < a.first) {
      a.matrix[column * a.size + row] = scaled;
    } else if (row >= a.first + a.height) {
      a.matrix[row * a.size + column] = scaled;
    } else if (row >= column) {
      a.matrix[row * a.size + column] = -a.pivot[(row - a.first) * a.tile + k];
    }
  });
}

// Both triangles of the inverse, from the lower one with its sign changed.
template <class T>
__global__ void __launch_bounds__(kWarpLanes)
    finish_inverse(const __grid_constant__ SweepArguments<T> a) {
  each_place(a.size, a.size, [&](std::int64_t row, std::int64_t column) {
    if (row < column) return;
    const T value = -a.matrix[row * a.size + column];
    a.matrix[row * a.size + column] = value;
    a.matrix[column * a.size + row] = value;
  });
}

}  // namespace tusk
