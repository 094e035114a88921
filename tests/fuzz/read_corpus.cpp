// Reads every file of a corpus, and each cut off at every byte, where there is no fuzzer.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/input_file.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    std::printf("%s\n", entry.path().c_str());
    std::fflush(stdout);
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      // A copy of just this size, so that a sanitizer sees who reads beyond it.
      const std::vector<std::uint8_t> part(bytes.begin(),
                                           bytes.begin() + static_cast<std::ptrdiff_t>(size));
      tusk::test::LLVMFuzzerTestOneInput(part.data(), part.size());
    }
    ++files;
  }
  return files > 0 ? 0 : 1;
}
