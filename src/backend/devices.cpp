#include <fstream>
#include <string>
#include <thread>

#include <dlfcn.h>
#include <fmt/format.h>

#include <tusk/devices.hpp>

#include "cpu/kernels.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// The part of the CUDA driver's interface that is asked here. It is looked up at run time, so that
// one build runs with and without a driver and needs no CUDA header.
class Driver {
 public:
  Driver() : library_(dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL)) {}

  bool loaded() const { return library_ != nullptr; }

  // Calls a function of the driver; true if it is there and succeeded.
  template <class... Arguments>
  bool call(const char* name, Arguments... arguments) const {
    using Function = int (*)(Arguments...);
    const auto function = reinterpret_cast<Function>(dlsym(library_, name));
    return function != nullptr && function(arguments...) == 0;
  }

 private:
  void* library_;  // stays loaded: the driver does not like to be unloaded
};

// Values of CUdevice_attribute.
constexpr int kComputeCapabilityMajor = 75;
constexpr int kComputeCapabilityMinor = 76;

GpuInfo describe_gpu(const Driver& driver, int device) {
  GpuInfo gpu;
  char name[256] = {};
  int major = 0;
  int minor = 0;
  std::size_t bytes = 0;
  driver.call("cuDeviceGetName", &name[0], static_cast<int>(sizeof name), device);
  driver.call("cuDeviceGetAttribute", &major, kComputeCapabilityMajor, device);
  driver.call("cuDeviceGetAttribute", &minor, kComputeCapabilityMinor, device);
  driver.call("cuDeviceTotalMem_v2", &bytes, device);
  gpu.name = name;
  gpu.compute_capability = fmt::format("{}.{}", major, minor);
  gpu.memory_bytes = bytes;
  return gpu;
}

}  // namespace

CudaStatus probe_cuda() {
  CudaStatus status;
  status.reason = "this version of Tusk computes on the CPU only";
  const Driver driver;
  if (!driver.loaded()) return status;
  driver.call("cuDriverGetVersion", &status.driver_version);
  int count = 0;
  if (!driver.call("cuInit", 0u) || !driver.call("cuDeviceGetCount", &count) || count == 0) {
    return status;
  }
  for (int device = 0; device < count; ++device) {
    status.gpus.push_back(describe_gpu(driver, device));
  }
  return status;
}

CpuInfo probe_cpu() {
  CpuInfo cpu;
  cpu.threads = static_cast<int>(std::thread::hardware_concurrency());
  cpu.kernels = cpu_kernels().name;
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    cpu.name = trimmed(std::string_view(line).substr(line.find(':') + 1));
    break;
  }
  return cpu;
}

}  // namespace tusk
