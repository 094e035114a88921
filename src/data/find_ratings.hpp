// Which files of a folder or archive hold the ratings.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

namespace tusk {

class ZipArchive;

struct RatingFiles {
  std::filesystem::path first;
  std::vector<std::filesystem::path> more;  // of the same layout: parts of the Netflix Prize
  // Where the catalogue is looked for; nothing if it is not.
  std::filesystem::path folder;
  bool has_folder = true;
  std::shared_ptr<const ZipArchive> archive = nullptr;  // that the files are in; null: in none
};

// The path itself if it is a file or standard input. Throws InputError if there is no file of
// ratings.
RatingFiles find_ratings(const std::filesystem::path& path);

}  // namespace tusk
