// Starts the parts of a top-K search on a stream. Neither allocates nor waits.
#pragma once

#include <cuda_runtime_api.h>

#include "topk_arguments.hpp"

namespace tusk {

void launch_pack_items(const TopKArguments& arguments, cudaStream_t stream);
void launch_pack_users(const TopKArguments& arguments, cudaStream_t stream);
void launch_collect_best(const TopKArguments& arguments, cudaStream_t stream);
void launch_finish_lists(const TopKArguments& arguments, cudaStream_t stream);

}  // namespace tusk
