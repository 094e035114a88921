#include "server/page_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tusk::server {

const PageFile* find_page_file(const std::vector<std::string>& segments) {
  const std::string path =
      segments.empty() ? "index.html" : fmt::format("{}", fmt::join(segments, "/"));
  for (const PageFile& file : page_files()) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

}  // namespace tusk::server
