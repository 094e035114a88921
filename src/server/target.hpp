// The target of a request: its path and query.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/message.hpp"

namespace tusk::server {

inline constexpr std::size_t kLongestTarget = 4096;  // bytes

struct Target {
  std::string authority;  // of "http://host:port/path"; else empty
  std::vector<std::string> segments;
  TextPairs query;
};

// Takes a target apart and decodes it. Throws Problem for one that is too long, that does not begin
// with / or http://, with a % that begins no byte, with what is not UTF-8, with control characters,
// with empty parts between slashes, and with the parts . and .., however they are encoded. An
// encoded slash is a character of its part: ids may have one.
Target parse_target(std::string_view target);

// Text with %XX decoded, and with + as a blank if asked; nothing if a % begins no byte.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank);

}  // namespace tusk::server
