// File descriptors 0, 1 and 2 belong to the standard streams: a file that gets one of these numbers
// receives what is meant for them.
#pragma once

#include <cerrno>
#include <string>
#include <string_view>

namespace tusk {

// Opens those of 0, 1 and 2 that are closed on /dev/null, so that no file gets their numbers.
// Reading stdin and writing stdout then fail, as they would if they were closed; what is written to
// stderr is dropped. To be called before anything is opened.
void open_standard_descriptors();

// The same file under a number above 2, closed on exec; `descriptor` itself if it is above 2 or -1.
// Returns -1 with errno set, and closes `descriptor`, if there is no such number.
int above_standard(int descriptor);

// What a system call returns, called again as long as a signal interrupts it.
template <class Call>
auto again_if_interrupted(const Call& call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

// Whether all of it could be written, or read to the end; errno says why not.
bool write_all(int descriptor, std::string_view bytes);
bool read_all(int descriptor, std::string& into);

}  // namespace tusk
