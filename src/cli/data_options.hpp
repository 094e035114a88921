// The options that say what data to read and how.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <tusk/dataset.hpp>

#include "cli/console.hpp"
#include "cli/table_options.hpp"

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

  // Reads the data, tells in one line what was taken for what, and of what was skipped or given up,
  // and warns of what is not plausible. `for_testing`: the ratings only test a model.
  Dataset load(Console& console, int threads = 0, bool for_testing = false) const;

 private:
  ReadOptions read_options() const;

  std::string path_;
  TableFlags table_;
  std::string on_bad_ = "error";
  std::string on_duplicate_ = "latest";
  std::string scale_;
  std::vector<const CLI::Option*> declared_;  // but the path
};

}  // namespace tusk::cli
