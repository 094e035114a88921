#include "support/text.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <limits>

#include <fmt/format.h>
#include <utf8.h>

namespace tusk {

namespace {

// Makes at most `longest` characters printable.
std::string printable(std::string_view text, int longest) {
  std::string out;
  int shown = 0;
  for (auto it = text.begin(); it != text.end(); ++shown) {
    if (shown == longest) return out + "...";
    auto next = it;
    bool visible = false;
    try {
      const auto code_point = utf8::next(next, text.end());
      visible = code_point >= 0x20 && (code_point < 0x7f || code_point >= 0xa0);
    } catch (const utf8::exception&) {
      next = std::next(it);
    }
    for (; it != next; ++it) {
      out +=
          visible ? std::string(1, *it) : fmt::format("\\x{:02x}", static_cast<unsigned char>(*it));
    }
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) {
  return printable(text, std::numeric_limits<int>::max());
}

std::string in_quotes(std::string_view text) { return '"' + printable(text, 40) + '"'; }

std::string count_text(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string size_text(std::uintmax_t bytes) {
  const auto number = static_cast<double>(bytes);
  if (bytes < 1000) return fmt::format("{} B", bytes);
  if (number < 1e6) return fmt::format("{:.1f} kB", number / 1e3);
  if (number < 1e9) return fmt::format("{:.1f} MB", number / 1e6);
  return fmt::format("{:.1f} GB", number / 1e9);
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
