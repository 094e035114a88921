// The options that say what data to read and how.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <tusk/dataset.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

class DataOptions {
 public:
  void declare(CLI::App& app);

  // The last part of the path.
  std::string name() const;
  // The path and what was said of how to read it, as a shell takes them.
  std::string command_line() const;

  // What was said of how to read it: options without their dashes, and values.
  std::vector<std::pair<std::string, std::string>> given() const;

  // Reads the data and tells of what was skipped or given up.
  Dataset load(Console& console, int threads = 0) const;

 private:
  ReadOptions read_options() const;

  std::string path_;
  std::string delimiter_;
  std::string columns_;
  std::string header_ = "auto";
  std::string on_bad_ = "error";
  std::string on_duplicate_ = "latest";
  std::string scale_;
  std::vector<const CLI::Option*> declared_;  // but the path
};

}  // namespace tusk::cli
