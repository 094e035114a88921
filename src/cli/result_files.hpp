// The files that a command writes at its end, and the options that name them.
#pragma once

#include <filesystem>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include <tusk/atomic_file.hpp>
#include <tusk/report.hpp>
#include <tusk/table_text.hpp>
#include <tusk/text_grid.hpp>

#include "cli/command.hpp"
#include "cli/console.hpp"

namespace tusk::cli {

// They are checked and opened before the work, written after it, and put in their places together,
// so that a failure leaves all of them as they were.
class ResultFiles {
 public:
  // An option that names a file; one of a model replaces nothing but a model: `--out ratings.csv`
  // would lose data otherwise. The name of a page must end in .html or .htm.
  // That of a table says its format: .md, .tex or .csv.
  enum class Kind { text, model, page, table };
  void declare(CLI::App& app, const std::string& option, const std::string& help,
               Kind kind = Kind::text);
  // --report, a page about `what`.
  void declare_report(CLI::App& app, const std::string& what) {
    declare(app, "--report", "write a page about " + what + " to this file (.html)", Kind::page);
  }
  // --table, the table of results for a paper.
  void declare_table(CLI::App& app) {
    declare(app, "--table",
            "write the table of results, as it is shown, to this file: Markdown (.md), LaTeX "
            "(.tex, for the package booktabs) or .csv",
            Kind::table);
  }
  // --overwrite for all of them.
  void declare_overwrite(CLI::App& app);
  // --raw-cells for the table that the option `table` names.
  void declare_cells(CLI::App& app, const std::string& table);

  // As Command::check_given.
  void check_given(const GivenOptions& given) const;

  // The file that an option names; empty if it is not given.
  const std::string& path(const std::string& option) const { return at(option).path; }
  bool wanted(const std::string& option) const { return !path(option).empty(); }
  Cells cells() const { return raw_cells_ ? Cells::raw : Cells::safe; }

  // A file that another option names and that must not be the same as one of these.
  void reserve(const std::string& option, const std::string& path);
  // Opens those that are given. Throws UsageError if a folder is not there, if a page has another
  // name, if two options name the same file, or if a file is there that is not empty and may not be
  // replaced; Error if one cannot be written. From the first file on, a reader of stdout that goes
  // away does not end the program.
  void open();
  AtomicFile& file(const std::string& option) { return *at(option).file; }

  // Writes --report, if it is wanted: a page that `fill` makes of the results, with the data.
  void write_report(const Console& console, const Device& device, const Dataset& data,
                    const std::string& title, const std::function<void(Report&)>& fill);

  // Writes --table, if it is wanted.
  void write_table(const TextRows& rows, const TableCells& bold = {});

  // Each throws Error as AtomicFile::commit() does.
  void commit();
  void commit(const std::string& option) { file(option).commit(); }  // this one alone

  // Says what is saved.
  void show(const Console& console) const;

 private:
  struct Result {
    std::string option;
    Kind kind = Kind::text;
    std::string path;
    std::optional<AtomicFile> file;
  };
  const Result& at(const std::string& option) const;
  Result& at(const std::string& option);

  std::list<Result> results_;  // at addresses that stay
  std::map<std::filesystem::path, std::string> option_of_;
  bool overwrite_ = false;
  bool raw_cells_ = false;
  const CLI::Option* cells_option_ = nullptr;
  std::string table_;  // the option that --raw-cells is about
};

}  // namespace tusk::cli
