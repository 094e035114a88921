// Writing a file so that its path holds the old content or the whole new one, never a part.
#pragma once

#include <filesystem>
#include <string_view>

namespace tusk {

class AtomicFile {
 public:
  // Opens a temporary file in the same folder. All members throw Error, naming the path.
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
  int file_ = -1;
};

}  // namespace tusk
