// Files that are written into a folder together.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/atomic_file.hpp>

namespace tusk {

class OutputFolder {
 public:
  // Makes the folder if it is not there, and those above it. Throws Error.
  OutputFolder(std::filesystem::path path, bool overwrite);
  // Removes folders that were made here and have nothing in them.
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  // Opens a file in it. Throws Error, and UsageError if the file is there and must not be replaced.
  class File;
  File& add(const std::string& name);

  // Puts all files in their places. Returns their paths, in order.
  std::vector<std::filesystem::path> commit();

  class File {
   public:
    File(std::filesystem::path path, bool overwrite)
        : path_(path),
          file_(std::move(path),
                overwrite ? AtomicFile::Existing::replace : AtomicFile::Existing::keep) {}
    void write(std::string_view bytes);

   private:
    friend class OutputFolder;
    void flush();

    std::filesystem::path path_;
    AtomicFile file_;
    std::string buffer_;
  };

 private:
  void remove_made();

  std::filesystem::path path_;
  bool overwrite_;
  std::vector<std::filesystem::path> made_;  // outermost first
  std::vector<std::unique_ptr<File>> files_;
};

}  // namespace tusk
