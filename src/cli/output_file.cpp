#include "cli/output_file.hpp"

#include <filesystem>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/model_file.hpp>

#include "support/atomic_file.hpp"

namespace tusk::cli {
namespace {

void check_place(const std::string& option, const std::string& path) {
  std::error_code error;
  const auto folder = std::filesystem::absolute(path, error).parent_path();
  if (!std::filesystem::is_directory(folder, error)) {
    throw UsageError(fmt::format("{} {}: there is no folder {}", option, path, folder.string()));
  }
  if (std::filesystem::is_directory(path, error)) {
    throw UsageError(fmt::format("{} {} is a folder; name a file in it", option, path));
  }
}

// An empty file is what mktemp makes.
bool has_content(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && !std::filesystem::is_empty(path, error);
}

}  // namespace

void check_output(const std::string& path) {
  check_place("--out", path);
  if (has_content(path) && !is_model_file(path)) {
    throw UsageError(fmt::format("--out {} is there and is not a model; remove it first", path));
  }
  const AtomicFile file(path);  // never committed
}

void check_output(const std::string& option, const std::string& path, bool overwrite) {
  check_place(option, path);
  if (has_content(path) && !overwrite) {
    throw UsageError(
        fmt::format("{} {} is there; remove it first or give --overwrite", option, path));
  }
  const AtomicFile file(path);  // never committed
}

void write_file(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace tusk::cli
