#include "cli/device_options.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tusk/device.hpp>

#include "cli/interrupts.hpp"
#include "cli/validators.hpp"
#include "distributed/collectives.hpp"
#include "support/text.hpp"

namespace tusk::cli {

GpuWork gpu_work_of_training(const AlgorithmInfo& model) {
  return model.capabilities.uses_gpu ? GpuWork::much : GpuWork::none;
}

void add_cpu_kernels_option(CLI::App& app, std::string& kernels) {
  const Heading heading(app, "Device");
  app.add_option(
      "--cpu-kernels", kernels,
      "instruction set of the CPU's inner loops: auto, baseline, avx2 or avx512 (x86-64), "
      "neon (AArch64); wide is the code of avx512 for a processor with AVX2, to test it. All but "
      "baseline train the same models");
}

void DeviceOptions::declare(CLI::App& app) {
  const Heading heading(app, "Device");
  app.add_option("--device", options_.device, "auto, cpu, cuda or cuda:N");
  app.add_option("--threads", options_.threads,
                 "CPU threads; 0 takes all. Results do not depend on it")
      ->check(whole_number(0, 4096));
  add_cpu_kernels_option(app, options_.cpu_kernels);
}

void DeviceOptions::declare_training(CLI::App& app) {
  declare(app);
  const Heading heading(app, "Device");
  app.add_flag("--deterministic", options_.deterministic,
               "the same model in every run on a GPU, too, where that is slower; the CPU always "
               "does so");
  app.add_option("--precision", precision_,
                 "on a GPU: fp32, fp16 (factors of mf take half the traffic), or for the matrices "
                 "of neural networks tf32 or bf16")
      ->transform(one_of({"fp32", "fp16", "tf32", "bf16"}));
}

std::string DeviceOptions::identity(const Device& device) const {
  const std::string name(device.name());
  if (name == "cpu") return device.bits() == "fma" ? name : fmt::format("cpu {}", device.bits());
  return fmt::format("{} {}{}", name, precision_, options_.deterministic ? " deterministic" : "");
}

std::unique_ptr<Device> DeviceOptions::open(const Console& console, GpuWork work,
                                            Communicator* processes) const {
  tusk::DeviceOptions options = options_;
  options.device = canonical_name(options.device);
  options.should_stop = &interrupt_is_overdue;
  options.precision = parse_precision(precision_);
  if (work != GpuWork::much && options.device == "auto") options.device = "cpu";
  if (processes != nullptr && options.device == "cuda") {
    // Where each process is shown one alone, all of these have the number 0.
    const auto gpus = std::max<std::size_t>(probe_cuda().gpus.size(), 1);
    options.device =
        fmt::format("cuda:{}", static_cast<std::size_t>(rank_on_machine(*processes)) % gpus);
  }
  std::unique_ptr<Device> device;
  agree(processes, [&] { device = open_device(options); });
  if (work == GpuWork::none && device->name() != "cpu") {
    console.note(
        "computing on the CPU: a GPU does nothing for models without factors or neighbours");
  }
  if (options.device == "auto" && device->name() == "cpu") {
    const CudaStatus cuda = probe_cuda();
    if (!cuda.module.empty() || !cuda.gpus.empty()) {
      console.note(fmt::format("computing on the CPU: {}", cuda.reason));
    }
  }
  return device;
}

}  // namespace tusk::cli
