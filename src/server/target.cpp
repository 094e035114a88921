#include "server/target.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "server/problem.hpp"
#include "support/text.hpp"

namespace tusk::server {
namespace {

[[noreturn]] void refuse_target(const std::string& detail) {
  throw Problem(400, "bad-request", detail);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

std::string decoded_part(std::string_view text, bool of_query) {
  auto part = percent_decoded(text, of_query);
  if (!part) refuse_target("a % in the target begins no byte such as %20");
  if (!is_utf8(*part)) refuse_target("the target is not UTF-8");
  if (std::any_of(part->begin(), part->end(), is_control)) {
    refuse_target("the target has control characters");
  }
  return std::move(*part);
}

TextPairs parse_query(std::string_view query) {
  TextPairs pairs;
  for (const std::string_view pair : split_text(query, "&")) {
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    pairs.emplace_back(decoded_part(pair.substr(0, equals), true), decoded_part(value, true));
  }
  return pairs;
}

// Takes "http://host:port" off the target and returns the host and port.
std::string take_authority(std::string_view& target) {
  constexpr std::string_view kScheme = "http://";
  if (lower_case(target.substr(0, kScheme.size())) != kScheme) return {};
  target.remove_prefix(kScheme.size());
  const std::size_t end = std::min(target.find_first_of("/?"), target.size());
  std::string authority(target.substr(0, end));
  target.remove_prefix(end);
  if (authority.empty()) refuse_target("the target has no host");
  return authority;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded;
}

Target parse_target(std::string_view target) {
  if (target.size() > kLongestTarget) {
    throw Problem(
        414, "target-too-long",
        fmt::format("the target has {} bytes; {} is the most", target.size(), kLongestTarget));
  }
  Target parsed;
  parsed.authority = take_authority(target);
  const std::size_t question = std::min(target.find('?'), target.size());
  std::string_view path = target.substr(0, question);
  if (path.empty() && !parsed.authority.empty()) path = "/";
  if (!path.starts_with('/')) refuse_target("the target must begin with /");
  if (target.find('#') != std::string_view::npos) refuse_target("the target has a fragment");
  path.remove_prefix(1);
  if (!path.empty()) {
    for (const std::string_view part : split_text(path, "/")) {
      std::string segment = decoded_part(part, false);
      if (segment.empty() || segment == "." || segment == "..") {
        refuse_target("the path has an empty part, or a part . or ..");
      }
      parsed.segments.push_back(std::move(segment));
    }
  }
  parsed.query = parse_query(target.substr(std::min(question + 1, target.size())));
  return parsed;
}

}  // namespace tusk::server
