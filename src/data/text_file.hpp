// What a whole file must be before its lines are looked at.
#pragma once

#include <string>
#include <string_view>

namespace tusk {

// The text without its byte order mark. Throws InputError if it is empty or is no text, but an
// archive, UTF-16 or binary; `expected` says what the file should be.
std::string_view checked_text(std::string_view bytes, const std::string& file,
                              const std::string& expected);

}  // namespace tusk
