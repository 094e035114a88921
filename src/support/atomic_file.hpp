// Writing a file so that its path holds the old content or the whole new one, never a part.
#pragma once

#include <filesystem>
#include <string_view>

namespace tusk {

// So that a file's entry in its folder outlives a power failure.
void sync_folder(const std::filesystem::path& file);

class AtomicFile {
 public:
  // Opens a temporary file in the same folder: one without a name where the file system has such,
  // so that nothing is left however the program ends. A symbolic link is followed, and
  // permissions stay as they were. All members
  // throw Error, naming the path; this one also if the path is there and is no regular file that
  // may be written.
  explicit AtomicFile(std::filesystem::path path);
  // Removes the temporary file unless commit() has been called.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);

  // Syncs the file to the disk, renames it to its path, and syncs the folder.
  void commit();

 private:
  [[noreturn]] void fail(int error) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  bool named_ = false;  // whether the temporary file has its name already
  int file_ = -1;
};

}  // namespace tusk
