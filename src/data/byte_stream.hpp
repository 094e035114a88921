// Bytes that come one after another: of a file or a pipe, and what is made of them on the way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "support/byte_source.hpp"

namespace tusk {

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Puts the next bytes at the front of `into`. Returns their count, 0 at the end. Throws
  // InputError.
  virtual std::size_t read(std::span<char> into) = 0;
};

// Reads a stream to the end, or until `into` is full. Returns the count of bytes.
std::size_t read_fully(ByteStream& stream, std::span<char> into);

// A file from its beginning. The file is borrowed.
std::unique_ptr<ByteStream> stream_of(const ByteSource& file);

// Standard input. Waiting for it, `should_stop` is asked often; true ends it with Interrupted.
std::unique_ptr<ByteStream> standard_input(std::function<bool()> should_stop);

// A stream of the bytes `first` and then those of `rest`.
std::unique_ptr<ByteStream> put_back(std::string first, std::unique_ptr<ByteStream> rest);

// Reads a stream to its end into memory. Throws InputError, naming the file `name`, if there are
// more than `most()` bytes, which is asked once there are some megabytes.
std::unique_ptr<const ByteSource> collect(ByteStream& stream, const std::string& name,
                                          const std::function<std::uint64_t()>& most,
                                          const std::function<bool()>& should_stop);

}  // namespace tusk
