// The options of a command that may write a report: --report, and --overwrite for all its files.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include <tusk/report.hpp>

#include "cli/output_file.hpp"

namespace tusk::cli {

class ReportOptions {
 public:
  void declare(CLI::App& app) {
    app.add_option("--report", path_, "write a page about it to this file (.html)");
    app.add_flag("--overwrite", overwrite_, "replace files that are there");
  }

  // As OutputFiles::add().
  void open(OutputFiles& files) const { files.add("--report", path_, overwrite_); }

  bool wanted() const { return !path_.empty(); }
  bool overwrite() const { return overwrite_; }  // of all files that the command writes
  void write(OutputFiles& files, const Report& report) const {
    files.file("--report").write(report.html());
  }
  // That it is saved.
  void show(const Console& console) const {
    if (wanted()) console.print("saved {}", path_);
  }

 private:
  std::string path_;
  bool overwrite_ = false;
};

}  // namespace tusk::cli
