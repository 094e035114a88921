#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/build_info.hpp"
#include "cli/command.hpp"
#include "cli/device_options.hpp"

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
  std::string examples() const override { return "tusk doctor\ntusk doctor --self-test"; }
  void declare(CLI::App& app) override {
    app.add_flag("--self-test", self_test_,
                 "train, list and find neighbours on a small problem with every set of CPU kernels "
                 "and GPU that is there; exit code 1 if one is wrong");
    add_cpu_kernels_option(app, cpu_kernels_);
  }

  int run(Console& console) override {
    const CpuInfo cpu = probe_cpu();
    tusk::DeviceOptions options{"cpu", 1};
    options.cpu_kernels = cpu_kernels_;
    const std::string bits(open_device(options)->bits());  // throws what training would
    const std::string kernels = cpu_kernels_ == "auto" ? cpu.kernels : cpu_kernels_;
    Json kernel_sets = Json::array();
    std::string others;
    for (const CpuKernelInfo& set : cpu.kernel_sets) {
      kernel_sets.push_back(
          {{"name", set.name}, {"usable", set.usable}, {"needs", set.needs}, {"bits", set.bits}});
      if (set.name == kernels) continue;
      others += fmt::format("{}{}{}", others.empty() ? "" : ", ", set.name,
                            set.usable ? "" : fmt::format(" (needs {})", set.needs));
    }
    const CudaStatus cuda = probe_cuda();
    const std::string dense = cuda.usable ? dense_gpu_problem() : "";
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
                   {"cpu_kernels", kernels},
                   {"cpu_kernel_sets", kernel_sets},
                   {"cuda_usable", cuda.usable},
                   {"cuda_reason", cuda.reason},
                   {"cuda_dense_reason", dense},
                   {"cuda_module", cuda.module.empty() ? Json() : Json(cuda.module)},
                   {"driver_version", cuda.driver_version},
                   {"gpus", gpus}});
    const auto row = [&](std::string_view key, const auto& value) {
      console.print("{:<14}{}", key, value);
    };
    row("tusk", kVersion);
    row("build", fmt::format("{}, {}", kCompiler, kBuildType));
    row("CPU", fmt::format("{}, {} thread{}", cpu.name, cpu.threads, cpu.threads == 1 ? "" : "s"));
    row("CPU kernels", fmt::format("{} (models with the bits of {}){}", kernels, bits,
                                   others.empty() ? "" : "; others: " + others));
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
    if (!dense.empty()) row("", "ials, ease and neural on the CPU: " + dense);
    return self_test_ ? report_self_test(console) : exit_done;
  }

 private:
  static int report_self_test(Console& console) {
    bool right = true;
    for (const auto& [name, problem] : self_test()) {
      right &= problem.empty();
      console.event({{"event", "self_test"},
                     {"name", name},
                     {"ok", problem.empty()},
                     {"problem", problem.empty() ? Json() : Json(problem)}});
      console.print("self-test     {:<10}{}", name, problem.empty() ? "ok" : "WRONG: " + problem);
    }
    return right ? exit_done : exit_runtime;
  }

  bool self_test_ = false;
  std::string cpu_kernels_ = "auto";
};

}  // namespace

std::unique_ptr<Command> make_doctor_command() { return std::make_unique<DoctorCommand>(); }

}  // namespace tusk::cli
