#include <fmt/format.h>

#include <tusk/backend.hpp>
#include <tusk/devices.hpp>
#include <tusk/error.hpp>

#include "cpu/cpu_backend.hpp"
#include "support/text.hpp"

namespace tusk {

std::unique_ptr<Backend> make_backend(const BackendOptions& options) {
  const std::string& device = options.device;
  if (device == "auto" || device == "cpu") return make_cpu_backend(options.threads);
  const bool numbered =
      device.starts_with("cuda:") && parse_int(device.substr(5)).value_or(-1) >= 0;
  if (device == "cuda" || numbered) {
    throw DeviceError(fmt::format("device {} cannot be used: {}", device, probe_cuda().reason));
  }
  throw UsageError(fmt::format("{} is not a device: auto, cpu, cuda or cuda:N", in_quotes(device)));
}

}  // namespace tusk
