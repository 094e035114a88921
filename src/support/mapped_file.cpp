#include "support/mapped_file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tusk/error.hpp>

namespace tusk {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  throw InputError(
      fmt::format("{}: cannot be read: {}", path.string(), std::generic_category().message(error)));
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  // O_NONBLOCK: a named pipe without a writer would wait for one.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) fail(path, errno);
  struct stat status {};
  const bool sized = ::fstat(file, &status) == 0;
  const int stat_error = errno;
  if (!sized || S_ISDIR(status.st_mode)) {
    ::close(file);
    fail(path, sized ? EISDIR : stat_error);
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(file);
    throw InputError(fmt::format("{}: not a regular file; save it as a file first", path.string()));
  }
  size_ = static_cast<std::size_t>(status.st_size);
  if (size_ > 0) {
    void* address = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    const int map_error = errno;
    if (address == MAP_FAILED) {
      ::close(file);
      fail(path, map_error);
    }
    ::madvise(address, size_, MADV_SEQUENTIAL);
    data_ = static_cast<const char*>(address);
  }
  ::close(file);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

void MappedFile::release(std::string_view part) const {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = static_cast<std::size_t>(part.data() - data_) / page * page;
  const auto end = static_cast<std::size_t>(part.data() - data_) + part.size();
  // A page that the next part begins in is read again.
  ::madvise(const_cast<char*>(data_) + begin, end - begin, MADV_DONTNEED);
}

}  // namespace tusk
