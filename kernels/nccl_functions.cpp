#include "nccl_functions.hpp"

#include <string>

#include <tusk/error.hpp>

#include "shared_library.hpp"

namespace tusk {
namespace {

NcclFunctions load_nccl() try {
  NcclFunctions f{};
  const SharedLibrary nccl("libnccl.so.2");
  nccl.find("ncclGetUniqueId", f.get_id);
  nccl.find("ncclCommInitRank", f.join);
  nccl.find("ncclCommDestroy", f.leave);
  nccl.find("ncclCommAbort", f.abort);
  nccl.find("ncclGetErrorString", f.error_text);
  nccl.find("ncclGroupStart", f.start_batch);
  nccl.find("ncclGroupEnd", f.end_batch);
  nccl.find("ncclSend", f.send);
  nccl.find("ncclRecv", f.receive);
  return f;
} catch (const DeviceError& error) {
  throw DeviceError(
      std::string("several GPUs need NVIDIA's NCCL (docs/scale.md says where it is from): ") +
      error.what());
}

}  // namespace

const NcclFunctions& nccl_functions() {
  static const NcclFunctions functions = load_nccl();
  return functions;
}

}  // namespace tusk
