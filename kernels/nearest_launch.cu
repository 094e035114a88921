#include <algorithm>

#include <cub/device/device_segmented_radix_sort.cuh>

#include "cuda_check.hpp"
#include "nearest_kernel.cuh"

namespace tusk {
namespace {

cudaError_t sort(void* scratch, std::size_t& bytes, cub::DoubleBuffer<double>& found,
                 cub::DoubleBuffer<Index>& candidate, std::int64_t lists, std::int64_t capacity,
                 const std::int64_t* begin, const std::int64_t* end, cudaStream_t stream) {
  return cub::DeviceSegmentedRadixSort::SortPairsDescending(
      scratch, bytes, found, candidate, lists * capacity, lists, begin, end, 0,
      static_cast<int>(sizeof(double) * 8), stream);
}

}  // namespace

void launch_choice(const NearestArguments& arguments, cudaStream_t stream) {
  const auto lists = static_cast<unsigned>(arguments.lists);
  if (arguments.column == nullptr) {
    choose_nearest<false><<<lists, kWarpLanes, kNearestSharedBytes, stream>>>(arguments);
  } else {
    choose_nearest<true><<<lists, kWarpLanes, kNearestSharedBytes, stream>>>(arguments);
  }
  TUSK_CUDA_TRY(cudaGetLastError());
}

std::size_t sort_scratch_bytes(std::int64_t lists, std::int64_t capacity) {
  cub::DoubleBuffer<double> found;
  cub::DoubleBuffer<Index> candidate;
  std::size_t bytes = 0;
  TUSK_CUDA_TRY(sort(nullptr, bytes, found, candidate, lists, capacity, nullptr, nullptr, nullptr));
  return bytes;
}

void launch_sort(NearestArguments& arguments, double* other_found, Index* other_candidate,
                 void* scratch, std::size_t scratch_bytes, cudaStream_t stream) {
  cub::DoubleBuffer<double> found(arguments.found, other_found);
  cub::DoubleBuffer<Index> candidate(arguments.candidate, other_candidate);
  TUSK_CUDA_TRY(sort(scratch, scratch_bytes, found, candidate, arguments.lists, arguments.capacity,
                     arguments.begin, arguments.end, stream));
  arguments.found = found.Current();
  arguments.candidate = candidate.Current();
}

void launch_lists(const NearestArguments& arguments, Index* index, float* score,
                  cudaStream_t stream) {
  constexpr std::int64_t kMostWarps = 65536;
  const std::int64_t warps = (arguments.lists * arguments.k + kWarpLanes - 1) / kWarpLanes;
  write_lists<<<static_cast<unsigned>(std::min(warps, kMostWarps)), kWarpLanes, 0, stream>>>(
      arguments, index, score);
  TUSK_CUDA_TRY(cudaGetLastError());
}

void launch_sums(const NearestArguments& arguments, NeighbourSums* sums, cudaStream_t stream) {
  const auto warps = static_cast<unsigned>((arguments.lists + kWarpLanes - 1) / kWarpLanes);
  add_up_lists<<<warps, kWarpLanes, 0, stream>>>(arguments, sums);
  TUSK_CUDA_TRY(cudaGetLastError());
}

}  // namespace tusk
