// A library for LD_PRELOAD in which one call of the system fails, for tests of what a program does
// then. The environment says which:
//   FAULT_CALL    the function: "write", "fsync", "rename", ...
//   FAULT_NUMBER  which of its calls, from 1, on paths with FAULT_PATH in them; a FAULT_PATH that
//                 ends in a newline is the end of the path
//   FAULT_ERROR   the errno that it fails with; 0: it does half of what it is asked to
//   FAULT_MARK    a file that is made when the call has come
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <string>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

const char* setting(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_call(const char* name) { return std::strcmp(setting("FAULT_CALL"), name) == 0; }

// Whether the call of this function on this path is the one that fails.
bool is_due(const std::string& path) {
  static std::atomic<int> calls = 0;
  if ((path + '\n').find(setting("FAULT_PATH")) == std::string::npos) return false;
  if (++calls != std::atoi(setting("FAULT_NUMBER"))) return false;
  // Not through the functions below.
  const long mark = syscall(SYS_openat, AT_FDCWD, setting("FAULT_MARK"), O_WRONLY | O_CREAT, 0600);
  if (mark >= 0) syscall(SYS_close, mark);
  return true;
}

std::string path_of(int file) {
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  char path[4096];
  const long size = syscall(SYS_readlink, link.c_str(), path, sizeof path);
  return size < 0 ? std::string() : std::string(path, static_cast<std::size_t>(size));
}

int error() { return std::atoi(setting("FAULT_ERROR")); }

bool fails(const char* call, const std::string& path) {
  if (!is_call(call) || !is_due(path)) return false;
  errno = error();
  return true;
}

bool fails(const char* call, int file) { return is_call(call) && fails(call, path_of(file)); }

// A call that moves bytes: false if it fails; it may do with fewer.
bool moves(const char* call, int file, std::size_t& size) {
  if (!fails(call, file)) return true;
  if (error() != 0) return false;
  size = (size + 1) / 2;
  return true;
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t read(int file, void* into, size_t size) {
  if (!moves("read", file, size)) return -1;
  return real<decltype(read)>("read")(file, into, size);
}

ssize_t pread(int file, void* into, size_t size, off_t offset) {
  if (!moves("pread", file, size)) return -1;
  return real<decltype(pread)>("pread")(file, into, size, offset);
}

ssize_t pread64(int file, void* into, size_t size, off64_t offset) {
  return pread(file, into, size, offset);
}

ssize_t write(int file, const void* from, size_t size) {
  if (!moves("write", file, size)) return -1;
  return real<decltype(write)>("write")(file, from, size);
}

int fsync(int file) { return fails("fsync", file) ? -1 : real<decltype(fsync)>("fsync")(file); }

int fdatasync(int file) {
  return fails("fdatasync", file) ? -1 : real<decltype(fdatasync)>("fdatasync")(file);
}

int ftruncate(int file, off_t size) noexcept {
  return fails("ftruncate", file) ? -1 : real<decltype(ftruncate)>("ftruncate")(file, size);
}

int ftruncate64(int file, off64_t size) noexcept { return ftruncate(file, size); }

int fchmod(int file, mode_t mode) noexcept {
  return fails("fchmod", file) ? -1 : real<decltype(fchmod)>("fchmod")(file, mode);
}

int flock(int file, int how) noexcept {
  return fails("flock", file) ? -1 : real<decltype(flock)>("flock")(file, how);
}

// The file is closed even so.
int close(int file) {
  const bool failed = fails("close", file);
  const int result = real<decltype(close)>("close")(file);
  if (failed) errno = error();
  return failed ? -1 : result;
}

int rename(const char* from, const char* to) noexcept {
  return fails("rename", to) ? -1 : real<decltype(rename)>("rename")(from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned int flags) noexcept {
  return fails("renameat2", to)
             ? -1
             : real<decltype(renameat2)>("renameat2")(from_folder, from, to_folder, to, flags);
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  return fails("linkat", to)
             ? -1
             : real<decltype(linkat)>("linkat")(from_folder, from, to_folder, to, flags);
}

void* mmap(void* address, size_t size, int access, int flags, int file, off_t offset) noexcept {
  if (file >= 0 && fails("mmap", file)) return MAP_FAILED;
  return real<decltype(mmap)>("mmap")(address, size, access, flags, file, offset);
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode =
      (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return fails("open", path) ? -1 : real<decltype(open)>("open")(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode =
      (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open(path, flags, mode);
}

}  // extern "C"
