#include <exception>
#include <fstream>
#include <string>
#include <thread>

#include "backend/backend.hpp"
#include "backend/self_test.hpp"
#include "cpu/kernels.hpp"
#include "cuda/cuda_driver.hpp"
#include "support/text.hpp"

namespace tusk {

CudaStatus probe_cuda(int device) {
  const LoadedCudaModule& loaded = cuda_module();
  CudaDriver driver = probe_cuda_driver();
  CudaStatus status;
  status.reason = cuda_refusal(loaded, driver, device);
  if (status.reason.empty()) status.reason = loaded.module->refusal(device);
  status.usable = status.reason.empty();
  status.module = loaded.file;
  status.module_version = loaded.module == nullptr ? 0 : loaded.module->cuda_version;
  status.driver_version = driver.version;
  status.gpus = std::move(driver.gpus);
  return status;
}

std::string dense_gpu_problem() {
  const LoadedCudaModule& loaded = cuda_module();
  return loaded.module == nullptr ? loaded.problem : loaded.module->dense_problem();
}

CpuInfo probe_cpu() {
  CpuInfo cpu;
  cpu.threads = static_cast<int>(std::thread::hardware_concurrency());
  cpu.kernels = cpu_kernels().name;
  for (const KernelSet& set : kernel_sets()) {
    cpu.kernel_sets.push_back({set.kernels->name, set.runs, set.needs, bits_of(*set.kernels)});
  }
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    cpu.name = trimmed(std::string_view(line).substr(line.find(':') + 1));
    break;
  }
  return cpu;
}

std::vector<SelfTestResult> self_test() {
  std::vector<SelfTestResult> results = self_test_of(kernel_sets());
  if (!probe_cuda().usable) return results;
  try {
    results.push_back({"cuda", self_test_against_reference(*make_backend({"cuda"}))});
  } catch (const std::exception& error) {
    results.push_back({"cuda", error.what()});
  }
  return results;
}

}  // namespace tusk
