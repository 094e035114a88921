#include "tests/fuzz/input_file.hpp"

#include <fstream>
#include <stdexcept>

#include <stdlib.h>

namespace tusk::test {
namespace {

// Removed when the process ends.
struct Folder {
  std::filesystem::path path;

  Folder() {
    const std::filesystem::path memory = "/dev/shm";
    const auto parent =
        std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "tusk-fuzz-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder for inputs");
    path = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

}  // namespace

std::filesystem::path input_file(const std::string& name, const std::uint8_t* data,
                                 std::size_t size) {
  static const Folder folder;
  const std::filesystem::path path = folder.path / name;
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  if (!file.flush()) throw std::runtime_error("an input cannot be written");
  return path;
}

}  // namespace tusk::test
