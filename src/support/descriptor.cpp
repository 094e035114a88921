#include "support/descriptor.hpp"

#include <array>

#include <fcntl.h>
#include <unistd.h>

namespace tusk {

void open_standard_descriptors() {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    if (::fcntl(number, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest number that is free is this one.
    ::open("/dev/null", number == STDOUT_FILENO ? O_RDONLY : O_WRONLY);
  }
}

int above_standard(int descriptor) {
  if (descriptor < 0 || descriptor > STDERR_FILENO) return descriptor;
  const int above = ::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return above;
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ::ssize_t written =
        again_if_interrupted([&] { return ::write(descriptor, bytes.data(), bytes.size()); });
    if (written == 0) errno = EIO;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_all(int descriptor, std::string& into) {
  std::array<char, 1 << 16> buffer;
  for (;;) {
    const ::ssize_t got =
        again_if_interrupted([&] { return ::read(descriptor, buffer.data(), buffer.size()); });
    if (got <= 0) return got == 0;
    into.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace tusk
