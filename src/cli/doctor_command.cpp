#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/build_info.hpp"
#include "cli/command.hpp"

namespace tusk::cli {
namespace {

std::string driver_text(int version) {
  return version == 0 ? "none" : fmt::format("CUDA {}.{}", version / 1000, version % 1000 / 10);
}

class DoctorCommand : public Command {
 public:
  std::string name() const override { return "doctor"; }
  std::string summary() const override {
    return "show devices, driver and build, what is missing and why";
  }
  std::string examples() const override { return "tusk doctor"; }
  void declare(CLI::App&) override {}

  int run(Console& console) override {
    const CpuInfo cpu = probe_cpu();
    const CudaStatus cuda = probe_cuda();
    Json gpus = Json::array();
    for (const GpuInfo& gpu : cuda.gpus) {
      gpus.push_back({{"name", gpu.name},
                      {"compute_capability", gpu.compute_capability},
                      {"memory_bytes", gpu.memory_bytes}});
    }
    console.event({{"event", "doctor"},
                   {"version", kVersion},
                   {"compiler", kCompiler},
                   {"build_type", kBuildType},
                   {"cuda_toolkit", kCudaToolkit},
                   {"cpu", cpu.name},
                   {"threads", cpu.threads},
                   {"cpu_kernels", cpu.kernels},
                   {"cuda_usable", cuda.usable},
                   {"cuda_reason", cuda.reason},
                   {"cuda_module", cuda.module.empty() ? Json() : Json(cuda.module)},
                   {"driver_version", cuda.driver_version},
                   {"gpus", gpus}});
    const auto row = [&](std::string_view key, const auto& value) {
      console.print("{:<14}{}", key, value);
    };
    row("tusk", kVersion);
    row("build", fmt::format("{}, {}", kCompiler, kBuildType));
    row("CPU", fmt::format("{}, {} thread{}", cpu.name, cpu.threads, cpu.threads == 1 ? "" : "s"));
    row("CPU kernels", cpu.kernels);
    row("CUDA toolkit", fmt::format("{} (when built)", kCudaToolkit));
    row("CUDA module", cuda.module.empty() ? "none" : cuda.module);
    row("CUDA driver", driver_text(cuda.driver_version));
    for (const GpuInfo& gpu : cuda.gpus) {
      row("GPU",
          fmt::format("{}, compute capability {}, {:.0f} GiB", gpu.name, gpu.compute_capability,
                      static_cast<double>(gpu.memory_bytes) / (1 << 30)));
    }
    row("--device cpu", "usable");
    row("--device cuda", cuda.usable ? "usable" : "not usable: " + cuda.reason);
    return exit_done;
  }
};

}  // namespace

std::unique_ptr<Command> make_doctor_command() { return std::make_unique<DoctorCommand>(); }

}  // namespace tusk::cli
