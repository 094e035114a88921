#include "gpu_messages.hpp"

#include <exception>
#include <string>
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
  agree(&processes, [&] {
    check(nccl_functions().join(&group_, processes.size(), id.front(), processes.rank()),
          "ncclCommInitRank");
  });
}

GpuMessages::~GpuMessages() {
  if (std::uncaught_exceptions() > 0) {
    nccl_functions().abort(group_);
  } else {
    nccl_functions().leave(group_);
  }
}

void GpuMessages::pass_on(std::span<const Block> sent, int to, std::span<const Block> received,
                          int from, cudaStream_t stream) const {
  const NcclFunctions& nccl = nccl_functions();
  // Apart, a send would wait for a receive that is queued behind the other's send.
  check(nccl.start_batch(), "ncclGroupStart");
  for (const Block& block : sent) {
    check(nccl.send(block.data, block.bytes, kNcclBytes, to, group_, stream), "ncclSend");
  }
  for (const Block& block : received) {
    check(nccl.receive(block.data, block.bytes, kNcclBytes, from, group_, stream), "ncclRecv");
  }
  check(nccl.end_batch(), "ncclGroupEnd");
}

}  // namespace tusk
