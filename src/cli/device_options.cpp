#include "cli/device_options.hpp"

#include <fmt/format.h>

#include <tusk/devices.hpp>

namespace tusk::cli {

void DeviceOptions::declare(CLI::App& app) {
  app.add_option("--device", options_.device, "auto, cpu, cuda or cuda:N")
      ->capture_default_str()
      ->group("Device");
  app.add_option("--threads", options_.threads,
                 "CPU threads; 0 takes all. Results do not depend on it")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str()
      ->group("Device");
}

std::unique_ptr<Backend> DeviceOptions::open(const Console& console) const {
  auto backend = make_backend(options_);
  if (options_.device == "auto" && backend->name() == "cpu") {
    const CudaStatus cuda = probe_cuda();
    if (!cuda.gpus.empty()) console.note(fmt::format("computing on the CPU: {}", cuda.reason));
  }
  return backend;
}

}  // namespace tusk::cli
