// Opening what a path names, whatever it is packed or encoded in.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "support/byte_source.hpp"

namespace tusk {

class ZipArchive;

struct OpenOptions {
  // A name that iconv knows, or latin-1. Empty: UTF-8, or UTF-16 where its first bytes show it.
  std::string encoding = {};
  // Asked often while a file is unpacked or standard input is waited for; true ends it with
  // Interrupted.
  std::function<bool()> should_stop = {};
  // Open already; a path into another archive opens that.
  std::shared_ptr<const ZipArchive> archive = {};
};

// The name of standard input.
inline constexpr const char* kStandardInput = "-";

// A file as UTF-8 text: of a path, a path into a zip archive (data.zip/ratings.csv), or standard
// input. An archive of one file is that file. Plain files are read in place; others are unpacked
// and decoded into memory, half of what is free at most. Throws InputError, UsageError if the
// encoding is not known.
std::unique_ptr<const ByteSource> open_bytes(const std::filesystem::path& path,
                                             const OpenOptions& options = {});

// Whether open_bytes has something to open at the path, be it a file that it cannot read.
bool has_bytes(const std::filesystem::path& path, const OpenOptions& options = {});

// What messages call the file.
std::string shown_name(const std::filesystem::path& path);

}  // namespace tusk
