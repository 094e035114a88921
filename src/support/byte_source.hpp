// Bytes that are read from any place, by any thread: of a file, or of what a file was unpacked to.
#pragma once

#include <cstdint>
#include <span>

namespace tusk {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  virtual std::uint64_t size() const = 0;
  // Fills `into` with the bytes from `offset` on. Throws InputError if they cannot be read.
  virtual void read(std::uint64_t offset, std::span<char> into) const = 0;
  // Throws InputError if the file was written to after it was opened.
  virtual void check_unchanged() const = 0;
};

}  // namespace tusk
