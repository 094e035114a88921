// The files that are part of the program: those of the page, and the description of the API.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::server {

struct PageFile {
  std::string_view path;  // "index.html"
  std::string_view type;  // "text/html; charset=utf-8"
  std::string_view etag;  // a hash of the bytes, in quotes
  std::string_view bytes;
};

// Made by src/server/CMakeLists.txt of the files in src/server/page.
std::span<const PageFile> page_files();

// The file at a path of the server; "/" is index.html. Null if there is none.
const PageFile* find_page_file(const std::vector<std::string>& segments);

// OpenAPI 3.1, in JSON.
std::string openapi_document();

}  // namespace tusk::server
