#include "support/output_folder.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk {

OutputFolder::OutputFolder(std::filesystem::path path, bool overwrite)
    : path_(std::move(path)), overwrite_(overwrite) {
  namespace fs = std::filesystem;
  std::error_code error;
  // "a/b/" is "a/b".
  const fs::path own = path_.has_filename() ? path_ : path_.parent_path();
  std::vector<fs::path> missing;
  for (fs::path at = own; !at.empty() && !fs::exists(at, error); at = at.parent_path()) {
    missing.push_back(at);
  }
  for (error.clear(); !missing.empty() && !error; missing.pop_back()) {
    if (fs::create_directory(missing.back(), error)) made_.push_back(missing.back());
  }
  if (!error && fs::is_directory(path_, error)) return;
  remove_made();
  throw Error(fmt::format("{}: the folder cannot be made: {}", path_.string(),
                          error ? error.message() : "something else is there"));
}

OutputFolder::~OutputFolder() {
  files_.clear();
  remove_made();
}

void OutputFolder::remove_made() {
  std::error_code ignored;
  // remove() leaves a folder that is not empty.
  for (; !made_.empty(); made_.pop_back()) std::filesystem::remove(made_.back(), ignored);
}

OutputFolder::File& OutputFolder::add(const std::string& name) {
  const std::filesystem::path file = path_ / name;
  std::error_code error;
  // An empty file is replaced either way.
  if (!overwrite_ && std::filesystem::is_regular_file(file, error) &&
      !std::filesystem::is_empty(file, error)) {
    throw UsageError(fmt::format("{} is there; remove it first or give {}", file.string(),
                                 option_name("overwrite")));
  }
  return *files_.emplace_back(std::make_unique<File>(file, overwrite_));
}

std::vector<std::filesystem::path> OutputFolder::commit() {
  std::vector<AtomicFile*> files;
  std::vector<std::filesystem::path> paths;
  for (const auto& file : files_) {
    file->flush();
    files.push_back(&file->file_);
    paths.push_back(file->path_);
  }
  tusk::commit(files);
  return paths;
}

void OutputFolder::File::write(std::string_view bytes) {
  constexpr std::size_t kBuffer = 1 << 20;
  buffer_ += bytes;
  if (buffer_.size() >= kBuffer) flush();
}

void OutputFolder::File::flush() {
  file_.write(buffer_);
  buffer_.clear();
}

}  // namespace tusk
