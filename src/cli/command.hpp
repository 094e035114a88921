// One command of the program: its options and what it does.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

enum ExitCode {
  exit_done = 0,
  exit_runtime = 1,
  exit_usage = 2,
  exit_input = 3,
  exit_model_file = 4,
  exit_device = 5,
  exit_diverged = 6,
  exit_interrupted = 130,
};

using GivenOptions = std::set<const CLI::Option*>;

class Command {
 public:
  virtual ~Command() = default;

  virtual std::string name() const = 0;      // "train", "data stats"
  virtual std::string summary() const = 0;   // one line
  virtual std::string examples() const = 0;  // one a line
  virtual void declare(CLI::App& app) = 0;

  // Called with the options that stand on the command line itself, when those from the environment
  // and from a file are known too. Throws UsageError for one that has no effect beside the others.
  virtual void check_given(const GivenOptions&) {}

  // Throws tusk::Error; returns an exit code otherwise.
  virtual int run(Console& console) = 0;
};

}  // namespace tusk::cli
