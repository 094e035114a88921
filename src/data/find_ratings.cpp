#include "data/find_ratings.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>

#include "data/open_bytes.hpp"
#include "data/zip_archive.hpp"

namespace tusk {
namespace {

namespace fs = std::filesystem;

// In the order in which one is chosen.
constexpr std::array<const char*, 6> kRatingFiles = {"ratings.csv",         "u.data",
                                                     "ratings.dat",         "ratings_small.csv",
                                                     "BX-Book-Ratings.csv", "Ratings.csv"};
constexpr std::array<const char*, 6> kPacked = {"", ".gz", ".zst", ".bz2", ".xz", ".zip"};

// combined_data_1.txt, mv_0000001.txt.
bool is_part_of_netflix(const std::string& name) {
  return (name.starts_with("combined_data_") || name.starts_with("mv_")) &&
         name.find(".txt") != std::string::npos;
}

// By the names of its files.
RatingFiles choose(const fs::path& folder, const std::vector<std::string>& names) {
  for (const char* known : kRatingFiles) {
    for (const char* packed : kPacked) {
      const std::string name = std::string(known) + packed;
      if (std::find(names.begin(), names.end(), name) != names.end()) {
        return {folder / name, {}, folder};
      }
    }
  }
  std::vector<fs::path> parts;
  for (const std::string& name : names) {
    if (is_part_of_netflix(name)) parts.push_back(folder / name);
  }
  if (parts.empty()) return {};
  std::sort(parts.begin(), parts.end());
  return {parts.front(), {parts.begin() + 1, parts.end()}, folder};
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  return names;
}

[[noreturn]] void refuse(const fs::path& path, const char* what) {
  throw InputError(
      {path.string(), 0, 0}, fmt::format("{} without a file of ratings", what),
      fmt::format("one of {} in it, or parts of the Netflix Prize", fmt::join(kRatingFiles, ", ")));
}

// In the archive's folder that lies least deep.
RatingFiles in_archive(const fs::path& path) {
  auto archive = std::make_shared<const ZipArchive>(path);
  if (archive->members().size() == 1) return {path, {}, path.parent_path(), true, archive};
  struct Folder {
    fs::path path;
    std::vector<std::string> names;
  };
  std::vector<Folder> folders;  // in the archive's order
  std::map<fs::path, std::size_t> known;
  for (const std::string& name : archive->members()) {
    const fs::path member = name;
    const auto [at, added] = known.emplace(member.parent_path(), folders.size());
    if (added) folders.push_back({member.parent_path(), {}});
    folders[at->second].names.push_back(member.filename().string());
  }
  std::stable_sort(folders.begin(), folders.end(), [](const Folder& a, const Folder& b) {
    return std::distance(a.path.begin(), a.path.end()) <
           std::distance(b.path.begin(), b.path.end());
  });
  for (const Folder& folder : folders) {
    RatingFiles files = choose(path / folder.path, folder.names);
    files.archive = archive;
    if (!files.first.empty()) return files;
  }
  refuse(path, "an archive");
}

}  // namespace

RatingFiles find_ratings(const fs::path& path) {
  if (path == kStandardInput) return {path, {}, {}, false};
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) {
    if (const ZipPlace place = zip_place(path); !place.archive.empty()) {
      const auto archive = std::make_shared<const ZipArchive>(place.archive);
      return {path, {}, path.parent_path(), true, archive};
    }
    throw InputError({path.string(), 0, 0}, "no such file or folder",
                     "a file of ratings or a folder that has one");
  }
  if (fs::is_regular_file(status) && is_zip_file(path)) return in_archive(path);
  if (!fs::is_directory(status)) return {path, {}, path.parent_path()};
  for (const char* within : {"", "training_set"}) {
    const fs::path folder = *within == 0 ? path : path / within;
    RatingFiles files = choose(folder, names_in(folder));
    files.folder = path;
    if (!files.first.empty()) return files;
  }
  refuse(path, "a folder");
}

}  // namespace tusk
