#include <array>
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

constexpr std::array<std::string_view, 4> kPrecisions = {"fp32", "fp16", "tf32", "bf16"};

std::string_view to_string(Precision precision) { return name_of(kPrecisions, precision); }

Precision parse_precision(std::string_view text) {
  return parse_name<Precision>(kPrecisions, text, "a precision");
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
      throw DeviceError(
          fmt::format("precision {} needs a GPU: {}", to_string(options.precision), status.reason));
    }
  }
  if (options.precision != Precision::fp32) {
    throw UsageError(fmt::format("precision {} needs a GPU; the CPU trains in fp32",
                                 to_string(options.precision)));
  }
  return make_cpu_backend(options.threads, kernels, options.should_stop);
}

std::unique_ptr<Device> open_device(const DeviceOptions& options) { return make_backend(options); }

}  // namespace tusk
