// The options that say what to compute on.
#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include <tusk/backend.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

class DeviceOptions {
 public:
  void declare(CLI::App& app);

  // Those of commands that train, too.
  void declare_training(CLI::App& app);

  // Opens the device. Says so if `auto` has come to be the CPU of a machine or a build that was
  // meant for a GPU.
  std::unique_ptr<Backend> open(const Console& console) const;

  int threads() const { return options_.threads; }

 private:
  BackendOptions options_;
  std::string precision_ = "fp32";
};

}  // namespace tusk::cli
