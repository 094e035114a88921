#include "support/output_folder.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk {

OutputFolder::OutputFolder(std::filesystem::path path, bool overwrite)
    : path_(std::move(path)), overwrite_(overwrite) {
  std::error_code error;
  if (std::filesystem::is_directory(path_, error)) return;
  made_ = std::filesystem::create_directory(path_, error);
  if (!made_) {
    throw Error(fmt::format("{}: the folder cannot be made: {}", path_.string(),
                            error ? error.message() : "something else is there"));
  }
}

OutputFolder::~OutputFolder() {
  files_.clear();
  std::error_code ignored;
  if (made_) std::filesystem::remove(path_, ignored);  // leaves one that is not empty
}

OutputFolder::File& OutputFolder::add(const std::string& name) {
  return *files_.emplace_back(std::make_unique<File>(path_ / name, overwrite_));
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
