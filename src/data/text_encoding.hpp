// Text in other encodings than UTF-8.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "data/byte_stream.hpp"

namespace tusk {

// UTF-16LE or UTF-16BE if a file that begins so is such a text: by its byte order mark, or by zeros
// in every other byte. Empty for any other.
std::string utf16_of(std::string_view head);

// Whether the encoding's name is UTF-16 without an order of bytes.
bool is_utf16_name(std::string_view encoding);

// The stream's text as UTF-8. `encoding`: a name that iconv knows, or latin-1. Throws UsageError
// for another; reading throws InputError, naming the file `name`, at bytes that are no such text.
std::unique_ptr<ByteStream> as_utf8(std::unique_ptr<ByteStream> stream, const std::string& encoding,
                                    std::string name);

// The name that iconv has for an encoding; empty if it is UTF-8.
std::string encoding_name(std::string_view encoding);

}  // namespace tusk
