#include "data/python_literal.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>

#include <utf8.h>

#include "support/text.hpp"

namespace tusk {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<std::vector<std::string>> names() {
    std::vector<std::string> names;
    if (!take('[')) return std::nullopt;
    while (!take(']')) {
      if (!dictionary(names)) return std::nullopt;
      if (!take(',') && !peek(']')) return std::nullopt;
    }
    skip_blanks();
    return rest_.empty() ? std::optional(std::move(names)) : std::nullopt;
  }

 private:
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }

  bool peek(char c) {
    skip_blanks();
    return rest_.starts_with(c);
  }

  bool take(char c) {
    if (!peek(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool dictionary(std::vector<std::string>& names) {
    if (!take('{')) return false;
    while (!take('}')) {
      std::string key;
      if (!text(key) || !take(':')) return false;
      std::string value;
      if (peek('\'') || peek('"')) {
        if (!text(value)) return false;
        if (key == "name") names.push_back(std::move(value));
      } else if (!word()) {
        return false;
      }
      if (!take(',') && !peek('}')) return false;
    }
    return true;
  }

  // A number, None, True or False.
  bool word() {
    const auto length = std::min(rest_.find_first_of(",}] \t\r\n"), rest_.size());
    rest_.remove_prefix(length);
    return length > 0;
  }

  bool text(std::string& into) {
    if (!peek('\'') && !peek('"')) return false;
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_.front() != quote) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c != '\\') {
        into += c;
      } else if (!escape(into)) {
        return false;
      }
    }
    return take(quote);
  }

  // What stands behind a backslash.
  bool escape(std::string& into) {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
      case 'n':
      case 'r':
      case 't':
        into += ' ';
        return true;
      case 'x':
        return character(2, into);
      case 'u':
        return character(4, into);
      case 'U':
        return character(8, into);
      default:
        into += c;
        return true;
    }
  }

  bool character(std::size_t digits, std::string& into) {
    std::uint32_t code = 0;
    if (rest_.size() < digits) return false;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + digits, code, 16);
    if (error != std::errc{} || end != rest_.data() + digits) return false;
    try {
      utf8::append(code, std::back_inserter(into));
    } catch (const utf8::exception&) {
      return false;
    }
    rest_.remove_prefix(digits);
    return true;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<std::vector<std::string>> python_names(std::string_view text) {
  return Reader(text).names();
}

}  // namespace tusk
