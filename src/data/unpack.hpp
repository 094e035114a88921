// Unpacking compressed files.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "data/byte_stream.hpp"

namespace tusk {

// So many bytes at the front of a file tell how it is packed.
inline constexpr std::size_t kPackedMark = 6;

// Whether a file that begins so is compressed by gzip, zstd, bzip2 or xz.
bool is_compressed(std::string_view head);

// The decompressed stream; `head` holds its first bytes. Errors name the file `name`.
std::unique_ptr<ByteStream> decompressed(std::unique_ptr<ByteStream> stream, std::string_view head,
                                         std::string name);

}  // namespace tusk
