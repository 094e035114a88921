#include "support/text.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <limits>

#include <fmt/format.h>
#include <utf8.h>
#include <utf8proc.h>

namespace tusk {

namespace {

struct DecodedCharacter {
  std::optional<char32_t> code;  // none for a byte that is not UTF-8
  std::size_t size = 1;          // bytes
};

DecodedCharacter character_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  auto next = text.begin() + static_cast<std::ptrdiff_t>(at);
  try {
    const char32_t code = utf8::next(next, text.end());
    return {code, static_cast<std::size_t>(next - text.begin()) - at};
  } catch (const utf8::exception&) {
    return {};
  }
}

// Letters, the marks on them, and symbols such as emoji.
bool can_be_joined(char32_t character) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(character));
  return (UTF8PROC_CATEGORY_LU <= category && category <= UTF8PROC_CATEGORY_ME) ||
         category == UTF8PROC_CATEGORY_SO || category == UTF8PROC_CATEGORY_SK;
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return 0x20 <= c && c < 0x7f; });
}

// The first `longest` characters, with escape(bytes, code) for those that are not to be shown.
template <class Escape>
std::string escaped(std::string_view text, std::size_t longest, const Escape& escape) {
  if (text.size() <= longest && is_plain(text)) return std::string(text);
  std::string out;
  std::size_t shown = 0;
  char32_t before = 0;
  for (std::size_t at = 0; at < text.size(); ++shown) {
    if (shown == longest) return out + "...";
    const auto [code, size] = character_at(text, at);
    const char32_t after = character_at(text, at + size).code.value_or(0);
    const std::string_view bytes = text.substr(at, size);
    const bool visible = code && !is_hidden(*code, before, after);
    out += visible ? std::string(bytes) : escape(bytes, code);
    before = code.value_or(0);
    at += size;
  }
  return out;
}

constexpr auto kWhole = std::numeric_limits<std::size_t>::max();

std::string hex_bytes(std::string_view bytes, std::optional<char32_t>) {
  std::string out;
  for (const char byte : bytes) {
    out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  }
  return out;
}

std::string json_unit(std::uint32_t unit) { return fmt::format("\\u{:04x}", unit); }

}  // namespace

bool is_hidden(char32_t character, char32_t before, char32_t after) {
  constexpr char32_t kNonJoiner = 0x200c;
  constexpr char32_t kJoiner = 0x200d;
  if (character == kNonJoiner || character == kJoiner) {
    return !can_be_joined(before) || !can_be_joined(after);
  }
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(character))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return false;
  }
}

std::string printable(std::string_view text) { return escaped(text, kWhole, hex_bytes); }

std::string short_text(std::string_view text) { return escaped(text, 40, hex_bytes); }

std::string printable_json(std::string_view json) {
  return escaped(json, kWhole, [](std::string_view bytes, std::optional<char32_t> code) {
    if (!code) return std::string(bytes);
    if (*code < 0x10000) return json_unit(*code);
    const std::uint32_t rest = *code - 0x10000;
    return json_unit(0xd800 + (rest >> 10)) + json_unit(0xdc00 + (rest & 0x3ff));
  });
}

std::string in_quotes(std::string_view text) { return '"' + short_text(text) + '"'; }

std::string count_text(std::int64_t count, std::string_view noun, std::string_view plural) {
  if (count != 1 && !plural.empty()) return fmt::format("{} {}", count, plural);
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string with_article(std::string_view word) {
  const bool spelt = word.find_first_of("aeiouy") == std::string_view::npos;
  const bool an = !word.empty() && std::string_view(spelt ? "fhlmnrsx" : "aeio").find(word[0]) !=
                                       std::string_view::npos;
  return fmt::format("{} {}", an ? "an" : "a", word);
}

std::string size_text(std::uintmax_t bytes) {
  const auto number = static_cast<double>(bytes);
  if (bytes < 1000) return fmt::format("{} B", bytes);
  if (number < 1e6) return fmt::format("{:.1f} kB", number / 1e3);
  if (number < 1e9) return fmt::format("{:.1f} MB", number / 1e6);
  return fmt::format("{:.1f} GB", number / 1e9);
}

std::string duration_text(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return text.substr(0, 0);
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string lower_case(std::string_view ascii) {
  std::string out(ascii);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string canonical_name(std::string_view name) {
  std::string canonical = lower_case(name);
  std::replace(canonical.begin(), canonical.end(), '_', '-');
  return canonical;
}

std::string list_text(const std::vector<std::string>& words, std::string_view last) {
  std::string text;
  for (std::size_t w = 0; w < words.size(); ++w) {
    if (w > 0) text += w + 1 < words.size() ? ", " : fmt::format(" {} ", last);
    text += words[w];
  }
  return text;
}

std::vector<std::string_view> split_text(std::string_view text, std::string_view delimiter) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(delimiter);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + delimiter.size());
  }
}

namespace {

template <class Number>
std::optional<Number> parse_whole(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string lines;
  std::size_t used = 0;
  for (const auto word : split_text(text, " ")) {
    if (used > 0 && used + word.size() > width) {
      lines += '\n' + std::string(indent, ' ');
      used = 0;
    }
    if (used > 0) lines += ' ';
    lines += word;
    used += word.size() + 1;
  }
  return lines;
}

std::optional<double> parse_double(std::string_view text) { return parse_whole<double>(text); }
std::optional<int> parse_int(std::string_view text) { return parse_whole<int>(text); }

std::string shell_quoted(std::string_view text) {
  const auto safe = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-./:=,+@%").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), safe)) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

bool is_utf8(std::string_view text) { return utf8::is_valid(text.begin(), text.end()); }

std::string to_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    utf8::append(static_cast<std::uint32_t>(static_cast<unsigned char>(c)),
                 std::back_inserter(out));
  }
  return out;
}

}  // namespace tusk
