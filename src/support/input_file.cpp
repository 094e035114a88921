#include "support/input_file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <tusk/error.hpp>

#include "support/descriptor.hpp"

namespace tusk {

InputFile::InputFile(std::filesystem::path path) : path_(std::move(path)) {
  // O_NONBLOCK: a named pipe without a writer would wait for one.
  file_ = above_standard(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file_ < 0) fail(errno);
  const int error = ::fstat(file_, &opened_) == 0 ? 0 : errno;
  if (error == 0 && S_ISREG(opened_.st_mode)) {
    ::posix_fadvise(file_, 0, 0, POSIX_FADV_SEQUENTIAL);
    return;
  }
  ::close(file_);
  if (error != 0) fail(error);
  if (S_ISDIR(opened_.st_mode)) fail(EISDIR);
  throw InputError(fmt::format("{}: not a regular file; save it as a file first", path_.string()));
}

InputFile::~InputFile() { ::close(file_); }

void InputFile::read(std::uint64_t offset, std::span<char> into) const {
  while (!into.empty()) {
    const ::ssize_t count = ::pread(file_, into.data(), into.size(), static_cast<::off_t>(offset));
    if (count < 0) {
      if (errno == EINTR) continue;
      fail(errno);
    }
    if (count == 0) fail_changed();
    offset += static_cast<std::uint64_t>(count);
    into = into.subspan(static_cast<std::size_t>(count));
  }
}

void InputFile::check_unchanged() const {
  struct stat now {};
  if (::fstat(file_, &now) != 0) fail(errno);
  if (now.st_size != opened_.st_size || now.st_mtim.tv_sec != opened_.st_mtim.tv_sec ||
      now.st_mtim.tv_nsec != opened_.st_mtim.tv_nsec) {
    fail_changed();
  }
}

void InputFile::fail(int error) const {
  throw InputError(fmt::format("{}: cannot be read: {}", path_.string(),
                               std::generic_category().message(error)));
}

void InputFile::fail_changed() const {
  throw InputError(
      fmt::format("{}: changed while it was read; try again when it is complete", path_.string()));
}

std::string read_whole_file(const std::filesystem::path& path) {
  const InputFile file(path);
  std::string bytes(file.size(), '\0');
  file.read(0, bytes);
  file.check_unchanged();
  return bytes;
}

}  // namespace tusk
