// The options that say what to compute on.
#pragma once

#include <memory>

#include <CLI/CLI.hpp>

#include <tusk/backend.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

class DeviceOptions {
 public:
  void declare(CLI::App& app);

  // Opens the device. Says so if it is not the GPU that this machine has.
  std::unique_ptr<Backend> open(const Console& console) const;

  int threads() const { return options_.threads; }

 private:
  BackendOptions options_;
};

}  // namespace tusk::cli
