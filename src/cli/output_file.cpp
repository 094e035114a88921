#include "cli/output_file.hpp"

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/atomic_file.hpp"

namespace tusk::cli {

void check_output(const std::string& path, const std::filesystem::path& input) {
  std::error_code error;
  const auto folder = std::filesystem::absolute(path, error).parent_path();
  if (!std::filesystem::is_directory(folder, error)) {
    throw UsageError(fmt::format("--out {}: there is no folder {}", path, folder.string()));
  }
  if (std::filesystem::is_directory(path, error)) {
    throw UsageError(fmt::format("--out {} is a folder; name a file in it", path));
  }
  if (std::filesystem::equivalent(path, input, error)) {
    throw UsageError(fmt::format("--out {} would be written over the data that is read", path));
  }
  const AtomicFile file(path);  // never committed
}

}  // namespace tusk::cli
