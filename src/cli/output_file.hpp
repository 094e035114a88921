// Files that a command writes at its end.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include <tusk/atomic_file.hpp>

namespace tusk::cli {

// The files of one command: they are checked and opened before its work, written after it, and put
// in their places together, so that a failure leaves all of them as they were.
class OutputFiles {
 public:
  // The file that `option` names; nothing if `path` is empty. Throws UsageError if its folder is
  // not there, if another option names the same file, or if a file is there that is not empty and
  // `overwrite` is false; Error if it cannot be written. From the first file on, a reader of stdout
  // that goes away does not end the program.
  void add(const std::string& option, const std::string& path, bool overwrite);
  // The same for --out with a model, which replaces nothing but a model: `--out ratings.csv` would
  // lose data otherwise.
  void add_model(const std::string& path, bool overwrite);
  // A file that `option` names and that is none of these, but must not be the same as one.
  void reserve(const std::string& option, const std::string& path);

  bool empty() const { return files_.empty(); }
  AtomicFile& file(const std::string& option) { return files_.at(option); }

  // Each throws Error as AtomicFile::commit() does.
  void commit();
  void commit(const std::string& option);  // this one alone

 private:
  std::map<std::filesystem::path, std::string> option_of_;
  std::map<std::string, AtomicFile> files_;  // by option
};

}  // namespace tusk::cli
