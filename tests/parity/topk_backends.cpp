#include "tests/parity/topk_backends.hpp"

#include "cpu/cpu_backend.hpp"
#include "cpu/kernels.hpp"
#include "cuda/cuda_backend.hpp"

namespace tusk::test {

std::vector<TopKBackend> topk_backends() {
  std::vector<TopKBackend> backends;
  for (const KernelSet& set : kernel_sets()) {
    backends.push_back({std::string("cpu_") + set.kernels->name,
                        [=] { return make_cpu_backend(2, *set.kernels); }, false, false, set});
  }
  backends.push_back({"cuda", [] { return open_cuda_backend(0, 2, {}); }, true});
  return backends;
}

}  // namespace tusk::test
