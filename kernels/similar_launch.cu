#include <algorithm>

#include <cub/device/device_scan.cuh>

#include "cuda_check.hpp"
#include "segment_kernel.cuh"
#include "similar_kernel.cuh"
#include "similar_launch.hpp"

namespace tusk {
namespace {

std::int64_t segment_count(const DeviceRows& rows, const RowRanges& ranges) {
  return std::int64_t{ranges.ranges} * rows.columns;
}

unsigned row_warps(const DeviceRows& rows) {
  constexpr Index kMostWarps = 65536;
  return static_cast<unsigned>(std::clamp<Index>(rows.rows, 1, kMostWarps));
}

template <template <int> class SumsOf>
void launch(const SimilarityArguments& arguments, cudaStream_t stream) {
  const RowRanges& ranges = arguments.segments.ranges;
  const auto blocks = static_cast<unsigned>(arguments.count * ranges.ranges);
  const std::size_t bytes = static_cast<std::size_t>(ranges.slots) * sizeof(SumsOf<1>);
  TUSK_CUDA_TRY(cudaFuncSetAttribute(similarities<SumsOf>,
                                     cudaFuncAttributePreferredSharedMemoryCarveout,
                                     cudaSharedmemCarveoutMaxShared));
  similarities<SumsOf><<<blocks, kWarpLanes, bytes, stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

}  // namespace

std::size_t segment_scratch_bytes(const DeviceRows& rows, const RowRanges& ranges) {
  std::size_t bytes = 0;
  std::uint32_t* const none = nullptr;
  TUSK_CUDA_TRY(cub::DeviceScan::ExclusiveSum(nullptr, bytes, none, segment_count(rows, ranges)));
  return bytes;
}

void launch_segments(const DeviceRows& rows, const Segments& segments, void* scratch,
                     std::size_t scratch_bytes, cudaStream_t stream) {
  const std::int64_t count = segment_count(rows, segments.ranges);
  TUSK_CUDA_TRY(cudaMemsetAsync(
      segments.first, 0, static_cast<std::size_t>(count + 1) * sizeof(std::uint32_t), stream));
  count_segments<<<row_warps(rows), kWarpLanes, 0, stream>>>(rows, segments);
  TUSK_CUDA_TRY(cudaGetLastError());
  TUSK_CUDA_TRY(
      cub::DeviceScan::ExclusiveSum(scratch, scratch_bytes, segments.first + 1, count, stream));
  place_entries<<<row_warps(rows), kWarpLanes, 0, stream>>>(rows, segments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_squares(const DeviceRows& rows, double* squares, cudaStream_t stream) {
  sum_squares<<<row_warps(rows), kWarpLanes, 0, stream>>>(rows, squares);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_similarities(Measure measure, const SimilarityArguments& arguments,
                         cudaStream_t stream) {
  switch (measure) {
    case Measure::whole_cosine:
      return launch<WholeCosine>(arguments, stream);
    case Measure::counted_cosine:
      return launch<CountedCosine>(arguments, stream);
    case Measure::corated_cosine:
      return launch<CoratedCosine>(arguments, stream);
    case Measure::pearson:
      return launch<Pearson>(arguments, stream);
    case Measure::baseline_pearson:
      return launch<BaselinePearson>(arguments, stream);
    case Measure::mean_squared_difference:
      return launch<MeanSquaredDifference>(arguments, stream);
  }
}

}  // namespace tusk
