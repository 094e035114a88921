#include "cli/output_file.hpp"

#include <filesystem>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/model_file.hpp>

#include "support/atomic_file.hpp"

namespace tusk::cli {
namespace {

void check_place(const std::string& path) {
  std::error_code error;
  const auto folder = std::filesystem::absolute(path, error).parent_path();
  if (!std::filesystem::is_directory(folder, error)) {
    throw UsageError(fmt::format("--out {}: there is no folder {}", path, folder.string()));
  }
  if (std::filesystem::is_directory(path, error)) {
    throw UsageError(fmt::format("--out {} is a folder; name a file in it", path));
  }
}

// An empty file is what mktemp makes.
bool has_content(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && !std::filesystem::is_empty(path, error);
}

}  // namespace

void check_output(const std::string& path) {
  check_place(path);
  if (has_content(path) && !is_model_file(path)) {
    throw UsageError(fmt::format("--out {} is there and is not a model; remove it first", path));
  }
  const AtomicFile file(path);  // never committed
}

void check_table_output(const std::string& path, bool overwrite) {
  check_place(path);
  if (has_content(path) && !overwrite) {
    throw UsageError(fmt::format("--out {} is there; remove it first or give --overwrite", path));
  }
  const AtomicFile file(path);  // never committed
}

}  // namespace tusk::cli
