// The files in zip archives.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/byte_stream.hpp"

namespace tusk {

// Any number of threads may use an archive at a time.
class ZipArchive {
 public:
  // Reads the names of its files. Throws InputError, also if a name leads out of the archive
  // ("../a.csv").
  explicit ZipArchive(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }

  // The files with their folders, in the archive's order, without files that operating systems add
  // (__MACOSX, names that begin with a dot). "/a/b.csv" and "./a/b.csv" are "a/b.csv".
  const std::vector<std::string>& members() const { return members_; }

  bool has(const std::string& member) const { return place_.contains(member); }

  // One of the files. The stream may outlive the archive. Files that are opened in the archive's
  // order, each read to its end, cost no search. Throws InputError.
  std::unique_ptr<ByteStream> open(const std::string& member) const;

 private:
  class Readers;
  class Member;

  std::filesystem::path path_;
  std::vector<std::string> members_;
  std::unordered_map<std::string, std::size_t> place_;  // among all entries
  std::shared_ptr<Readers> readers_;
};

// Whether a file that begins so is a zip archive.
bool is_zip(std::string_view head);

// Whether the path is a regular file that begins so.
bool is_zip_file(const std::filesystem::path& path);

// Where a path such as data.zip/ml-latest/ratings.csv leads: into an archive.
struct ZipPlace {
  std::filesystem::path archive;  // empty: into none
  std::string member;
};
ZipPlace zip_place(const std::filesystem::path& path);

}  // namespace tusk
