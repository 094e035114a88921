#include <algorithm>

#include <cuda_fp16.h>

#include "cuda_check.hpp"
#include "model/initial_factors.hpp"
#include "model_launch.hpp"
#include "row_access.cuh"

namespace tusk {
namespace {

constexpr int kThreads = 256;

// A thread for each pair of factors in turn; 8 bytes written each.
template <class Storage>
__global__ void __launch_bounds__(kThreads)
    fill_initial_factors(const __grid_constant__ InitialFactors a) {
  const std::int64_t pairs = (a.factors + 1) / 2;
  const std::int64_t all = pairs * a.count;
  const std::int64_t threads = static_cast<std::int64_t>(gridDim.x) * kThreads;
  for (std::int64_t at = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x; at < all;
       at += threads) {
    const std::int64_t row = at / pairs;
    const std::int64_t pair = at % pairs;
    const std::int64_t id = a.id_of_row == nullptr ? row : a.id_of_row[row];
    float value[2];
    initial_factor_pair(a.seed, a.use, static_cast<std::uint64_t>(id),
                        static_cast<std::uint64_t>(pair), a.standard_deviation, value);
    auto* const factor =
        reinterpret_cast<Storage*>(a.rows + static_cast<std::size_t>(row) * a.stride);
    factor[2 * pair] = to_storage<Storage>(value[0]);
    if (2 * pair + 1 < a.factors) factor[2 * pair + 1] = to_storage<Storage>(value[1]);
  }
}

// A warp for each 32 ratings in turn, which its lanes read together. Which warp has which ratings
// depends on their number alone, so the sums are the same bits in every run.
template <class Storage>
__global__ void __launch_bounds__(kThreads)
    sum_validation_errors(const __grid_constant__ ValidationArguments a) {
  using One = RowAccess<Storage, 1>;
  constexpr int kWarps = kThreads / kWarpLanes;
  constexpr std::size_t kStep = kWarpLanes * sizeof(Storage);
  const int lane = static_cast<int>(threadIdx.x) % kWarpLanes;
  const int warp = static_cast<int>(threadIdx.x) / kWarpLanes;
  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * kThreads;
  double sum = 0;
  std::int64_t count = 0;
  for (std::int64_t first = (static_cast<std::int64_t>(blockIdx.x) * kWarps + warp) * kWarpLanes;
       first < a.count; first += stride) {
    const int here = static_cast<int>(min(static_cast<std::int64_t>(kWarpLanes), a.count - first));
    Index my_user = 0;
    Index my_item = 0;
    float my_rating = 0;
    if (lane < here) {
      my_user = a.user[first + lane];
      my_item = a.item[first + lane];
      my_rating = a.rating[first + lane];
    }
    for (int from = 0; from < here; ++from) {
      unsigned char* const user = user_row(a.rows, __shfl_sync(kAllLanes, my_user, from));
      unsigned char* const item = item_row(a.rows, __shfl_sync(kAllLanes, my_item, from));
      const float rating = __shfl_sync(kAllLanes, my_rating, from);
      float product = 0;
      if (lane == 0) {
        product = a.rows.mean + __ldcg(bias_of(a.rows, user)) + __ldcg(bias_of(a.rows, item));
      }
      for (int k = 0; k < a.rows.factors_per_lane; ++k) {
        float p[1];
        float q[1];
        One::load(user + k * kStep, lane, p);
        One::load(item + k * kStep, lane, q);
        product += p[0] * q[0];
      }
      float predicted = warp_sum(product);
      // So that NaN stays NaN.
      predicted = predicted < a.scale.low ? a.scale.low : predicted;
      predicted = predicted > a.scale.high ? a.scale.high : predicted;
      const double error = static_cast<double>(rating) - static_cast<double>(predicted);
      sum += error * error;
    }
    count += here;
  }
  __shared__ ErrorSum of_warp[kWarps];
  if (lane == 0) of_warp[warp] = {sum, count};
  __syncthreads();
  if (threadIdx.x == 0) {
    ErrorSum total = a.error[blockIdx.x];
    for (int w = 0; w < kWarps; ++w) {
      total.sum += of_warp[w].sum;
      total.count += of_warp[w].count;
    }
    a.error[blockIdx.x] = total;
  }
}

// One block of threads.
__global__ void __launch_bounds__(kThreads)
    add_up_errors(const ErrorSum* sums, int count, ErrorSum* total) {
  __shared__ ErrorSum of_thread[kThreads];
  ErrorSum mine{};
  for (int at = static_cast<int>(threadIdx.x); at < count; at += kThreads) {
    mine.sum += sums[at].sum;
    mine.count += sums[at].count;
  }
  of_thread[threadIdx.x] = mine;
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) {
      of_thread[threadIdx.x].sum += of_thread[threadIdx.x + half].sum;
      of_thread[threadIdx.x].count += of_thread[threadIdx.x + half].count;
    }
  }
  if (threadIdx.x == 0) *total = of_thread[0];
}

}  // namespace

void launch_initial_factors(Precision precision, const InitialFactors& initial,
                            cudaStream_t stream) {
  constexpr std::int64_t kMostBlocks = 65536;
  const std::int64_t all = static_cast<std::int64_t>((initial.factors + 1) / 2) * initial.count;
  if (all == 0) return;
  const auto blocks =
      static_cast<unsigned>(std::min<std::int64_t>((all + kThreads - 1) / kThreads, kMostBlocks));
  if (precision == Precision::fp16) {
    fill_initial_factors<__half><<<blocks, kThreads, 0, stream>>>(initial);
  } else {
    fill_initial_factors<float><<<blocks, kThreads, 0, stream>>>(initial);
  }
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_validation(Precision precision, const ValidationArguments& arguments,
                       cudaStream_t stream) {
  if (precision == Precision::fp16) {
    sum_validation_errors<__half><<<kValidationBlocks, kThreads, 0, stream>>>(arguments);
  } else {
    sum_validation_errors<float><<<kValidationBlocks, kThreads, 0, stream>>>(arguments);
  }
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_error_total(const ErrorSum* sums, int count, ErrorSum* total, cudaStream_t stream) {
  add_up_errors<<<1, kThreads, 0, stream>>>(sums, count, total);
  TUSK_CUDA_TRY(cudaGetLastError());
}

cudaError_t find_kernels() {
  cudaFuncAttributes attributes{};
  return cudaFuncGetAttributes(&attributes, add_up_errors);
}

}  // namespace tusk
