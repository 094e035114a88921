#include "cuda/cuda_driver.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

namespace tusk {
namespace {

// Functions of the driver's library.
class DriverLibrary {
 public:
  DriverLibrary() : library_(dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL)) {}

  bool loaded() const { return library_ != nullptr; }

  // Calls a function; its result is 0 for success. kNotThere if the library has no such function.
  template <class... Arguments>
  int call(const char* name, Arguments... arguments) const {
    using Function = int (*)(Arguments...);
    const auto function = reinterpret_cast<Function>(dlsym(library_, name));
    return function == nullptr ? kNotThere : function(arguments...);
  }

  static constexpr int kNotThere = -1;

 private:
  void* library_;  // stays loaded: the driver does not like to be unloaded
};

// Values of CUdevice_attribute.
constexpr int kComputeCapabilityMajor = 75;
constexpr int kComputeCapabilityMinor = 76;

// A value of CUresult.
constexpr int kNoDevice = 100;

GpuInfo describe_gpu(const DriverLibrary& library, int device) {
  GpuInfo gpu;
  char name[256] = {};
  int major = 0;
  int minor = 0;
  std::size_t bytes = 0;
  library.call("cuDeviceGetName", &name[0], static_cast<int>(sizeof name), device);
  library.call("cuDeviceGetAttribute", &major, kComputeCapabilityMajor, device);
  library.call("cuDeviceGetAttribute", &minor, kComputeCapabilityMinor, device);
  library.call("cuDeviceTotalMem_v2", &bytes, device);
  gpu.name = name;
  gpu.compute_capability = fmt::format("{}.{}", major, minor);
  gpu.memory_bytes = bytes;
  return gpu;
}

}  // namespace

CudaDriver probe_cuda_driver() {
  CudaDriver driver;
  const DriverLibrary library;
  driver.found = library.loaded();
  if (!driver.found) return driver;
  library.call("cuDriverGetVersion", &driver.version);
  int count = 0;
  int result = library.call("cuInit", 0u);
  if (result == 0) result = library.call("cuDeviceGetCount", &count);
  if (result != 0 && result != kNoDevice) {
    const char* name = nullptr;
    library.call("cuGetErrorName", result, &name);
    driver.problem = name == nullptr ? fmt::format("error {}", result) : name;
  }
  for (int device = 0; device < count; ++device) {
    driver.gpus.push_back(describe_gpu(library, device));
  }
  return driver;
}

std::string cuda_version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

std::string cuda_refusal(const LoadedCudaModule& loaded, const CudaDriver& driver, int device) {
  if (loaded.module == nullptr) return loaded.problem;
  if (!driver.found) {
    return "there is no NVIDIA driver on this machine (libcuda.so.1 cannot be loaded)";
  }
  // A driver runs what was built with any CUDA of its own major version or an older one.
  if (driver.version / 1000 < loaded.module->cuda_version / 1000) {
    return fmt::format(
        "the NVIDIA driver is too old: it knows CUDA {}, and CUDA {} is needed; "
        "update the driver",
        cuda_version_text(driver.version), cuda_version_text(loaded.module->cuda_version));
  }
  if (!driver.problem.empty()) {
    return fmt::format("the NVIDIA driver does not start: {}", driver.problem);
  }
  if (driver.gpus.empty()) return "the NVIDIA driver shows no GPU";
  if (device < 0 || static_cast<std::size_t>(device) >= driver.gpus.size()) {
    const std::size_t last = driver.gpus.size() - 1;
    return fmt::format("there is no GPU number {}: this machine has cuda:0{}", device,
                       last == 0 ? "" : fmt::format(" to cuda:{}", last));
  }
  return {};
}

}  // namespace tusk
