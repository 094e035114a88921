#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <random>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tusk/atomic_file.hpp>
#include <tusk/error.hpp>

#include "support/descriptor.hpp"

namespace tusk {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kTemporary = ".tmp-";
constexpr std::string_view kSetAside = ".new-";
constexpr std::size_t kDigits = 16;

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

// Random, because programs in containers that share a folder may share their process ids.
std::string random_digits() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

fs::path with_suffix(fs::path path, std::string_view mark) {
  path += fmt::format("{}{}", mark, random_digits());
  return path;
}

// The file that a symbolic link is for, be it there or not.
fs::path followed(fs::path path) {
  std::error_code error;
  if (fs::exists(path, error)) {
    fs::path canonical = fs::canonical(path, error);
    return error ? path : canonical;
  }
  constexpr int kMostLinks = 40;
  for (int n = 0; n < kMostLinks && fs::is_symlink(path, error); ++n) {
    path = folder_of(path) / fs::read_symlink(path, error);
  }
  return path;
}

// Closes a duplicate: file systems that report a failed write on closing do so on any close, and
// `file` stays open.
int close_duplicate(int file) {
  const int duplicate = ::fcntl(file, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (duplicate < 0) return -1;
  // After EINTR it is closed.
  return ::close(duplicate) == 0 || errno == EINTR ? 0 : -1;
}

// 0, or an error: EEXIST if `to` is there.
int rename_to_new(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // A file system that cannot do it: an empty file takes the name first.
  const int taken = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (taken < 0) return errno;
  ::close(taken);
  if (::rename(from.c_str(), to.c_str()) == 0) return 0;
  const int error = errno;
  ::unlink(to.c_str());
  return error;
}

bool is_temporary_of(const std::string& name, const std::string& file) {
  const std::string begin = file + std::string(kTemporary);
  return name.size() == begin.size() + kDigits && name.starts_with(begin) &&
         name.find_first_not_of("0123456789abcdef", begin.size()) == std::string::npos;
}

// Removes what programs that were killed have left of this file. A program that lives has its
// temporary file locked.
void remove_left_overs(const fs::path& path) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator entry(folder_of(path), error), end; !error && entry != end;
       entry.increment(error)) {
    if (is_temporary_of(entry->path().filename().string(), path.filename().string())) {
      found.push_back(entry->path());
    }
  }
  for (const fs::path& left : found) {
    const int file =
        above_standard(::open(left.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (file < 0) continue;
    struct stat status {};
    if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
        ::flock(file, LOCK_EX | LOCK_NB) == 0) {
      ::unlink(left.c_str());
    }
    ::close(file);
  }
}

}  // namespace

void sync_folder(const fs::path& file) {
  const fs::path folder = folder_of(file);
  const auto fail = [&] {
    throw Error(
        fmt::format("{}: its folder cannot be synced, so that a power failure may undo it: "
                    "{}",
                    file.string(), std::generic_category().message(errno)));
  };
  const int opened = above_standard(again_if_interrupted(
      [&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (opened < 0) {
    if (errno == EACCES) return;  // one that may be written but not read
    fail();
  }
  const int synced = again_if_interrupted([&] { return ::fsync(opened); });
  const int error = errno;
  const int closed = ::close(opened);
  if (closed != 0 && errno != EINTR) fail();
  errno = error;
  if (synced != 0 && error != EINVAL) fail();
}

AtomicFile::AtomicFile(fs::path path, Existing existing)
    : path_(followed(std::move(path))), existing_(existing) {
  struct stat status {};
  const bool there = ::stat(path_.c_str(), &status) == 0;
  if (!there && errno != ENOENT) fail(errno);
  if (there) {
    if (S_ISDIR(status.st_mode)) fail(EISDIR);
    if (!S_ISREG(status.st_mode)) {
      throw Error(fmt::format("{}: cannot be written: it is there and is not a regular file",
                              path_.string()));
    }
    if (::access(path_.c_str(), W_OK) != 0) fail(errno);
    if (status.st_size == 0) empty_ = status.st_ino;
    if (existing_ == Existing::keep && empty_ == 0) fail(EEXIST);
  }
  temporary_ = with_suffix(path_, kTemporary);
  if (temporary_.filename().native().size() > NAME_MAX) fail(ENAMETOOLONG);
  remove_left_overs(path_);
  if (!open_unnamed()) open_named();
  if (there && ::fchmod(file_, status.st_mode & 07777) != 0) {
    const int error = errno;
    ::close(file_);
    if (named_) ::unlink(temporary_.c_str());
    fail(error);
  }
}

AtomicFile::~AtomicFile() {
  if (file_ < 0) return;
  if (named_) ::unlink(temporary_.c_str());
  ::close(file_);
}

// A file without a name gets it by way of /proc.
bool AtomicFile::open_unnamed() {
  if (::access("/proc/self/fd", X_OK) != 0) return false;
  file_ = above_standard(::open(folder_of(path_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
  if (file_ < 0) return false;
  ::flock(file_, LOCK_EX | LOCK_NB);
  return true;
}

void AtomicFile::open_named() {
  constexpr int kMostTries = 100;
  for (int n = 0; n < kMostTries; ++n) {
    file_ =
        above_standard(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file_ < 0 && errno != EEXIST) fail(errno);
    if (file_ >= 0) {
      // Another program may have taken it for a left-over before it was locked.
      struct stat status {};
      const bool taken = ::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
      named_ = !taken && ::fstat(file_, &status) == 0 && status.st_nlink > 0;
      if (named_) return;
      ::close(file_);
      file_ = -1;
    }
    temporary_ = with_suffix(path_, kTemporary);
  }
  fail(EEXIST);
}

void AtomicFile::write(std::string_view bytes) {
  if (!write_all(file_, bytes)) fail(errno);
}

void AtomicFile::sync() {
  if (again_if_interrupted([&] { return ::fsync(file_); }) != 0) fail(errno);
  if (close_duplicate(file_) != 0) fail(errno);
}

void AtomicFile::give_name() {
  if (named_) return;
  const std::string unnamed = fmt::format("/proc/self/fd/{}", file_);
  if (::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, temporary_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
    fail(errno);
  }
  named_ = true;
}

bool AtomicFile::put() {
  struct stat status {};
  const bool replaces =
      existing_ == Existing::replace || (empty_ != 0 && ::stat(path_.c_str(), &status) == 0 &&
                                         status.st_ino == empty_ && status.st_size == 0);
  if (replaces) {
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(errno);
  } else if (const int error = rename_to_new(temporary_, path_); error == EEXIST) {
    return false;
  } else if (error != 0) {
    fail(error);
  }
  ::close(file_);  // all that could fail has been done on a duplicate
  file_ = -1;
  return true;
}

fs::path AtomicFile::set_aside() {
  const fs::path aside = with_suffix(path_, kSetAside);
  if (::rename(temporary_.c_str(), aside.c_str()) != 0) fail(errno);
  ::close(file_);
  file_ = -1;
  return aside;
}

void AtomicFile::commit() {
  const std::array<AtomicFile*, 1> files = {this};
  tusk::commit(files);
}

void AtomicFile::fail(int error) const {
  throw Error(fmt::format("{}: cannot be written: {}", path_.string(),
                          std::generic_category().message(error)));
}

void commit(std::span<AtomicFile* const> files) {
  for (AtomicFile* const file : files) file->sync();
  for (AtomicFile* const file : files) file->give_name();
  std::vector<std::string> done;
  std::vector<std::string> problems;
  try {
    for (AtomicFile* const file : files) {
      if (file->put()) {
        done.push_back(file->path_.string());
      } else {
        problems.push_back(fmt::format(
            "{}: another file has appeared there meanwhile and is kept; the new one is {}",
            file->path_.string(), file->set_aside().string()));
      }
    }
    for (AtomicFile* const file : files) sync_folder(file->path_);
  } catch (const Error& error) {
    problems.push_back(error.what());
  }
  if (problems.empty()) return;
  const std::string written =
      done.empty() ? "" : fmt::format(" (written: {})", fmt::join(done, ", "));
  throw Error(fmt::format("{}{}", fmt::join(problems, "; "), written));
}

}  // namespace tusk
