// A regular file that is read from any place, by any thread. Nothing is mapped: a file that is cut
// or overwritten meanwhile, or that the disk cannot give, is an error and not a signal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include <sys/stat.h>

#include "support/byte_source.hpp"

namespace tusk {

class InputFile : public ByteSource {
 public:
  // Throws InputError naming the path and the system's reason.
  explicit InputFile(std::filesystem::path path);
  ~InputFile() override;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const override { return static_cast<std::uint64_t>(opened_.st_size); }

  // Fills `into` with the bytes from `offset` on. Throws InputError if the system cannot read them
  // or the file has become too short for them.
  void read(std::uint64_t offset, std::span<char> into) const override;
  void check_unchanged() const override;

 private:
  [[noreturn]] void fail(int error) const;
  [[noreturn]] void fail_changed() const;

  std::filesystem::path path_;
  int file_ = -1;
  struct stat opened_ {};  // the file as it was then
};

// All bytes of a file. Throws InputError, also if the file changes meanwhile.
std::string read_whole_file(const std::filesystem::path& path);

}  // namespace tusk
