// The functions of NVIDIA's NCCL that Tusk calls. NCCL is not part of the CUDA toolkit: this needs
// none of its headers, and the library only where it is called.
#pragma once

#include <cstddef>

#include <cuda_runtime_api.h>

namespace tusk {

// As nccl.h, version 2.7 and later, has them.
struct NcclId {
  char internal[128];
};
struct NcclMember;
using NcclGroup = NcclMember*;  // ncclComm_t
using NcclResult = int;
inline constexpr NcclResult kNcclSuccess = 0;
inline constexpr int kNcclBytes = 0;  // ncclInt8

struct NcclFunctions {
  NcclResult (*get_id)(NcclId* id);
  NcclResult (*join)(NcclGroup* group, int size, NcclId id, int rank);
  NcclResult (*leave)(NcclGroup group);
  NcclResult (*abort)(NcclGroup group);
  const char* (*error_text)(NcclResult result);
  NcclResult (*start_batch)();
  NcclResult (*end_batch)();
  NcclResult (*send)(const void* from, std::size_t count, int type, int to, NcclGroup group,
                     cudaStream_t stream);
  NcclResult (*receive)(void* to, std::size_t count, int type, int from, NcclGroup group,
                        cudaStream_t stream);
};

// Loads the library when it is first called. Throws DeviceError where it cannot be loaded.
const NcclFunctions& nccl_functions();

}  // namespace tusk
