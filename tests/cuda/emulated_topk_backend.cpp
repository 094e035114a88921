#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "tests/cuda/emulated_gpu.hpp"
#include "tests/parity/topk_backends.hpp"

namespace tusk::test {

std::vector<TopKBackend> topk_backends() {
  const auto make = [] {
    return make_cuda_backend(open_emulated_gpu(), make_cpu_backend(1), 1, {});
  };
  return {{"emulated", make, false, true}};
}

}  // namespace tusk::test
