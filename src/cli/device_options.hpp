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

  // Opens the device. Says so if a GPU was asked for and the CPU computes, be it that `trains_mf`
  // is false and a GPU does nothing else, or that `auto` finds none for a build that can use one.
  std::unique_ptr<Backend> open(const Console& console, bool trains_mf = false) const;

  int threads() const { return options_.threads; }

 private:
  BackendOptions options_;
  std::string precision_ = "fp32";
};

}  // namespace tusk::cli
