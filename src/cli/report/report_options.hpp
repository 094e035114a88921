// The options that ask for a report.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/output_file.hpp"
#include "cli/report/report.hpp"

namespace tusk::cli {

class ReportOptions {
 public:
  void declare(CLI::App& app) {
    app.add_option("--report", path_, "write a page about it to this file (.html)");
    app.add_flag("--overwrite", overwrite_, "replace a report that is there");
  }

  // Throws UsageError, before the work, if the file cannot be written.
  void check() const {
    if (wanted()) check_output("--report", path_, overwrite_);
  }

  bool wanted() const { return !path_.empty(); }
  void write(const Console& console, const Report& report) const {
    report.write(path_);
    console.print("saved {}", path_);
  }

 private:
  std::string path_;
  bool overwrite_ = false;
};

}  // namespace tusk::cli
