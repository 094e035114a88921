#include "cli/output_file.hpp"

#include <csignal>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/model_file.hpp>

namespace tusk::cli {
namespace {

namespace fs = std::filesystem;

fs::path canonical(const std::string& path) {
  std::error_code error;
  const auto found = fs::weakly_canonical(fs::absolute(path, error), error);
  return error ? fs::path(path) : found;
}

void check_place(const std::string& option, const std::string& path) {
  std::error_code error;
  const auto folder = fs::absolute(path, error).parent_path();
  if (!fs::is_directory(folder, error)) {
    throw UsageError(fmt::format("{} {}: there is no folder {}", option, path, folder.string()));
  }
  if (fs::is_directory(path, error)) {
    throw UsageError(fmt::format("{} {} is a folder; name a file in it", option, path));
  }
}

// An empty file is what mktemp makes.
bool has_content(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && !fs::is_empty(path, error);
}

bool holds_model(const std::string& path) {
  try {
    return is_model_file(path);
  } catch (const InputError& error) {
    throw Error(fmt::format("--out {} is there, and whether it is a model cannot be seen: {}", path,
                            error.what()));
  }
}

}  // namespace

void OutputFiles::reserve(const std::string& option, const std::string& path) {
  const auto [same, is_new] = option_of_.emplace(canonical(path), option);
  if (!is_new) throw UsageError(fmt::format("{} and {} are the same file", same->second, option));
}

void OutputFiles::add(const std::string& option, const std::string& path, bool overwrite) {
  if (path.empty()) return;
  reserve(option, path);
  check_place(option, path);
  if (has_content(path) && !overwrite) {
    throw UsageError(
        fmt::format("{} {} is there; remove it first or give --overwrite", option, path));
  }
  using Existing = AtomicFile::Existing;
  files_.try_emplace(option, path, overwrite ? Existing::replace : Existing::keep);
  std::signal(SIGPIPE, SIG_IGN);
}

void OutputFiles::add_model(const std::string& path, bool overwrite) {
  if (overwrite && has_content(path) && !holds_model(path)) {
    throw UsageError(
        fmt::format("--out {} is there and is not a model, which --overwrite does not replace; "
                    "remove it first",
                    path));
  }
  add("--out", path, overwrite);
}

void OutputFiles::commit() {
  std::vector<AtomicFile*> files;
  for (auto& [option, file] : files_) files.push_back(&file);
  tusk::commit(files);
}

void OutputFiles::commit(const std::string& option) { files_.at(option).commit(); }

}  // namespace tusk::cli
