#include "support/atomic_file.hpp"

#include <cerrno>
#include <climits>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tusk/error.hpp>

namespace tusk {

namespace {

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

}  // namespace

void sync_folder(const std::filesystem::path& file) {
  const int folder = ::open(folder_of(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;  // one that may be written but not read
  ::fsync(folder);
  ::close(folder);
}

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code error;
  const auto status = std::filesystem::status(path_, error);
  if (std::filesystem::exists(status)) {
    if (std::filesystem::is_directory(status)) fail(EISDIR);
    if (!std::filesystem::is_regular_file(status)) {
      throw Error(fmt::format("{}: cannot be written: it is there and is not a regular file",
                              path_.string()));
    }
    if (::access(path_.c_str(), W_OK) != 0) fail(errno);
    path_ = std::filesystem::canonical(path_);
  }
  // A file without a name gets it by way of /proc.
  if (::access("/proc/self/fd", X_OK) == 0) {
    file_ = ::open(folder_of(path_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  }
  named_ = file_ < 0;
  for (int n = 0; n < 100; ++n) {
    temporary_ = path_;
    temporary_ += fmt::format(".tmp-{}-{}", ::getpid(), n);
    if (temporary_.filename().native().size() > NAME_MAX) fail(ENAMETOOLONG);
    if (!named_) break;
    file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file_ >= 0 || errno != EEXIST) break;
  }
  if (file_ < 0) fail(errno);
  if (std::filesystem::exists(status)) ::fchmod(file_, static_cast<mode_t>(status.permissions()));
}

AtomicFile::~AtomicFile() {
  if (file_ < 0) return;
  ::close(file_);
  if (named_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ::ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AtomicFile::commit() {
  if (::fsync(file_) != 0) fail(errno);
  if (!named_) {
    ::unlink(temporary_.c_str());
    const std::string unnamed = fmt::format("/proc/self/fd/{}", file_);
    if (::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, temporary_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      fail(errno);
    }
    named_ = true;
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(errno);
  ::close(file_);
  file_ = -1;
  sync_folder(path_);
}

void AtomicFile::fail(int error) const {
  throw Error(fmt::format("{}: cannot be written: {}", path_.string(),
                          std::generic_category().message(error)));
}

}  // namespace tusk
