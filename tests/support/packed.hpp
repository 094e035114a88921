// Packed files for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tusk::test {

// The text compressed: by "gzip", "zstd", "bzip2" or "xz".
std::string compressed(const std::string& text, const std::string& how);

// A zip archive of files: names and texts.
std::string zipped(const std::vector<std::pair<std::string, std::string>>& files);

}  // namespace tusk::test
