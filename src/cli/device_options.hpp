// The options that say what to compute on.
#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include <tusk/communicator.hpp>
#include <tusk/device.hpp>
#include <tusk/train_options.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

// What a GPU could do for a command.
enum class GpuWork {
  none,    // nothing is computed there
  little,  // less than its start takes: `auto` leaves it to the CPU
  much,
};

GpuWork gpu_work_of_training(const AlgorithmInfo& model);

// --cpu-kernels, as DeviceOptions::cpu_kernels.
void add_cpu_kernels_option(CLI::App& app, std::string& kernels);

class DeviceOptions {
 public:
  void declare(CLI::App& app);

  // Those of commands that train, too.
  void declare_training(CLI::App& app);

  // Opens the device. Says so if a GPU was asked for that has no work, and if `auto` finds none for
  // much work though the build can use one. Of several processes on a machine `cuda` gives each
  // another GPU.
  std::unique_ptr<Device> open(const Console& console, GpuWork work,
                               Communicator* processes = nullptr) const;

  // What of these the bits of a model depend on.
  std::string identity(const Device& device) const;

  int threads() const { return options_.threads; }

 private:
  tusk::DeviceOptions options_;
  std::string precision_ = "fp32";
};

}  // namespace tusk::cli
