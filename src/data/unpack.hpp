// Unpacking compressed files and archives.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/byte_stream.hpp"

namespace tusk {

// So many bytes at the front of a file tell how it is packed.
inline constexpr std::size_t kPackedMark = 6;

// Whether a file that begins so is compressed by gzip, zstd, bzip2 or xz.
bool is_compressed(std::string_view head);
bool is_zip(std::string_view head);

// What the stream, whose first bytes are `head`, is compressed from. Errors name the file `name`.
std::unique_ptr<ByteStream> decompressed(std::unique_ptr<ByteStream> stream, std::string_view head,
                                         std::string name);

// The files in a zip archive, with their folders, in its order; but those that systems add of
// their own (__MACOSX, names that begin with a dot). Throws InputError.
std::vector<std::string> zip_members(const std::filesystem::path& archive);

// One of these files. Throws InputError.
std::unique_ptr<ByteStream> zip_member(const std::filesystem::path& archive,
                                       const std::string& member);

// Where a path such as data.zip/ml-latest/ratings.csv leads: into an archive.
struct ZipPlace {
  std::filesystem::path archive;  // empty: into none
  std::string member;
};
ZipPlace zip_place(const std::filesystem::path& path);

// Whether the path is a regular file that begins as a zip archive does.
bool is_zip_file(const std::filesystem::path& path);

}  // namespace tusk
