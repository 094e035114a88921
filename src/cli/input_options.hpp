// The options that say what a command reads: data, other tables, a model.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <tusk/data_match.hpp>
#include <tusk/dataset.hpp>
#include <tusk/id_table.hpp>
#include <tusk/model_file.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

class TableFlags {
 public:
  // --delimiter, --columns, --header and --encoding; `columns_help` says what --columns names.
  // Returns the options.
  std::vector<CLI::Option*> declare(CLI::App& app, const std::string& columns_help);

  TableOptions options() const;

 private:
  std::string delimiter_;
  std::string columns_;
  std::string header_ = "auto";
  std::string encoding_;
};

// A note of what the columns of a file of ids were taken for.
void note_layout(const Console& console, const IdTable& table);

// Reads a list of users or items, and tells of the ids that it leaves out. The ids are in the
// column that --columns names first, for users, or second, for items; the only one that it names
// counts for both.
IdList read_id_list(const std::string& file, IdRows rows, const TableFlags& flags,
                    OnUnknown unknown, const Model& model, const Console& console);

class DataOptions {
 public:
  static constexpr const char* kGroup = "Reading the data";  // in help

  void declare(CLI::App& app);

  // The last part of the path.
  std::string name() const;
  // Whether its ratings are weights.
  bool implicit() const { return implicit_; }
  // The path and what was said of how to read it, as a shell takes them.
  std::string command_line() const;

  // What was said of how to read it: options without their dashes, and values.
  std::vector<std::pair<std::string, std::string>> given() const;

  // Reads the data, tells in one line what was taken for what, and of what was skipped or given up,
  // and warns of what is not plausible. `for_testing`: the ratings only test a model.
  // `processes` that share the reading; null: this one reads all.
  Dataset load(Console& console, int threads = 0, bool for_testing = false,
               std::shared_ptr<Communicator> processes = nullptr) const;

 private:
  ReadOptions read_options() const;

  std::string path_;
  TableFlags table_;
  std::string on_bad_ = "error";
  std::string on_duplicate_;
  bool implicit_ = false;
  std::string titles_;
  std::string title_columns_;
  std::string scale_;
  std::vector<const CLI::Option*> declared_;  // but the path
};

// --other-data, of commands whose data should be that of a model's training.
class OtherDataFlag {
 public:
  void declare(CLI::App& app);

  // Whether the data is the model's, or newer data of that kind. Throws InputError where titles or
  // ratings show that it is another data set, unless the flag is given: then that is a warning.
  bool is_same(const Console& console, const DataMatch& match, const Dataset& data) const;

 private:
  bool allowed_ = false;
};

class ModelOption {
 public:
  void declare(CLI::App& app) {
    app.add_option("MODEL", path_, "model file")->required();
    app.add_flag(
        "--no-verify", no_verify_,
        "do not verify the model file's checksum, which reads a very large file once more");
  }

  const std::string& path() const { return path_; }

  // Throws FormatError as load_model() does.
  Model load() const { return load_model(path_, checksum()); }

  Checksum checksum() const { return no_verify_ ? Checksum::ignore : Checksum::verify; }

 private:
  std::string path_;
  bool no_verify_ = false;
};

}  // namespace tusk::cli
