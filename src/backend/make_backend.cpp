#include <optional>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "support/names.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// The number in "cuda" or "cuda:N"; nothing for another text.
std::optional<int> gpu_number(const std::string& device) {
  if (device == "cuda") return 0;
  if (!device.starts_with("cuda:")) return std::nullopt;
  const auto number = parse_int(device.substr(5));
  if (!number || *number < 0) return std::nullopt;
  return static_cast<int>(*number);
}

}  // namespace

Precision parse_precision(std::string_view text) {
  return parse_name<Precision, 2>({"fp32", "fp16"}, text, "a precision");
}

std::unique_ptr<Backend> make_backend(const DeviceOptions& options) {
  const std::string device = canonical_name(options.device);
  const CpuKernels& kernels = cpu_kernels(options.cpu_kernels);
  CudaOptions cuda;
  cuda.deterministic = options.deterministic;
  cuda.precision = options.precision;
  if (const auto number = gpu_number(device)) {
    return open_cuda_backend(*number, options.threads, cuda, kernels, options.should_stop);
  }
  if (device != "auto" && device != "cpu") {
    throw UsageError(fmt::format("{} is not a device: it must be one of auto, cpu, cuda and cuda:N",
                                 in_quotes(options.device)));
  }
  if (device == "auto") {
    const CudaStatus status = probe_cuda();
    if (status.usable) {
      cuda.cpu_without_libraries = true;
      return open_cuda_backend(0, options.threads, cuda, kernels, options.should_stop);
    }
    if (options.precision != Precision::fp32) {
      throw DeviceError(fmt::format("precision fp16 needs a GPU: {}", status.reason));
    }
  }
  if (options.precision != Precision::fp32) {
    throw UsageError("precision fp16 needs a GPU; the CPU trains in fp32");
  }
  return make_cpu_backend(options.threads, kernels, options.should_stop);
}

std::unique_ptr<Device> open_device(const DeviceOptions& options) { return make_backend(options); }

}  // namespace tusk
