#include <bit>

#include "cuda_check.hpp"
#include "topk_collect.cuh"
#include "topk_finish.cuh"
#include "topk_launch.hpp"
#include "topk_pack.cuh"

namespace tusk {
namespace {

// A block may take more shared memory than every GPU grants unasked.
template <class Kernel>
void start(Kernel kernel, int blocks, int threads, int shared_bytes, const TopKArguments& arguments,
           cudaStream_t stream) {
  TUSK_CUDA_TRY(
      cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, shared_bytes));
  kernel<<<static_cast<unsigned>(blocks), static_cast<unsigned>(threads),
           static_cast<std::size_t>(shared_bytes), stream>>>(arguments);
  TUSK_CUDA_TRY(cudaGetLastError());
}

template <int kChunks>
void start_collect(const TopKArguments& arguments, cudaStream_t stream) {
  start(collect_best<kChunks, kBlockWarps>, arguments.users.padded / kBlockUsers,
        kBlockWarps * kWarpLanes, collect_shared_bytes(kChunks), arguments, stream);
}

}  // namespace

void launch_pack_items(const TopKArguments& arguments, cudaStream_t stream) {
  start(pack_items, arguments.items.steps * kStepItems, kWarpLanes, 0, arguments, stream);
}

void launch_pack_users(const TopKArguments& arguments, cudaStream_t stream) {
  start(pack_users, arguments.users.padded, kWarpLanes, 0, arguments, stream);
}

void launch_collect_best(const TopKArguments& arguments, cudaStream_t stream) {
  switch (arguments.chunks) {
    case 1:
      return start_collect<1>(arguments, stream);
    case 2:
      return start_collect<2>(arguments, stream);
    case 4:
      return start_collect<4>(arguments, stream);
    default:
      return start_collect<0>(arguments, stream);
  }
}

void launch_finish_lists(const TopKArguments& arguments, cudaStream_t stream) {
  const auto keys = std::bit_ceil(static_cast<unsigned>(arguments.sizes.capacity));
  start(finish_lists, arguments.users.users, kWarpLanes,
        static_cast<int>(keys * sizeof(std::uint64_t)), arguments, stream);
}

}  // namespace tusk
