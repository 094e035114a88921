#include "gpu_messages.hpp"

#include <string>
#include <utility>
#include <vector>

#include <tusk/error.hpp>

#include "distributed/collectives.hpp"

namespace tusk {
namespace {

void check(NcclResult result, const char* call) {
  if (result == kNcclSuccess) return;
  throw DeviceError(std::string("NCCL failed (") + call +
                    "): " + nccl_functions().error_text(result));
}

}  // namespace

GpuMessages::GpuMessages(Communicator& processes) {
  std::vector<NcclId> id(1);
  agree(&processes, [&] {
    nccl_functions();  // that it can be loaded everywhere
    if (processes.rank() == 0) check(nccl_functions().get_id(id.data()), "ncclGetUniqueId");
  });
  share(&processes, 0, id);
  // The others wait in this call for one that fails, which therefore has to end by itself.
  check(nccl_functions().join(&group_, processes.size(), id.front(), processes.rank()),
        "ncclCommInitRank");
}

GpuMessages::~GpuMessages() {
  if (group_ != nullptr) nccl_functions().leave(group_);
}

void GpuMessages::abort() { nccl_functions().abort(std::exchange(group_, nullptr)); }

void GpuMessages::pass_on(std::span<const Block> sent, int to, std::span<const Block> received,
                          int from, cudaStream_t stream) const {
  const NcclFunctions& nccl = nccl_functions();
  // Apart, a send would wait for a receive that is queued behind the other's send.
  check(nccl.start_batch(), "ncclGroupStart");
  NcclResult result = kNcclSuccess;
  for (const Block& block : sent) {
    if (result != kNcclSuccess) break;
    result = nccl.send(block.data, block.bytes, kNcclBytes, to, group_, stream);
  }
  for (const Block& block : received) {
    if (result != kNcclSuccess) break;
    result = nccl.receive(block.data, block.bytes, kNcclBytes, from, group_, stream);
  }
  // A batch that is begun is ended, whatever becomes of it.
  const NcclResult ended = nccl.end_batch();
  check(result, "ncclSend or ncclRecv");
  check(ended, "ncclGroupEnd");
}

}  // namespace tusk
