#include "server/json_body.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "server/problem.hpp"
#include "support/text.hpp"

namespace tusk::server {
namespace {

using Value = nlohmann::json;

Problem bad_json(const std::string& detail) { return {400, "bad-json", detail}; }

// Reads JSON up to a part of it that is wrong.
class Expectation {
 public:
  // `at` is a byte of what is wrong; all before that is right.
  Expectation(std::string_view body, std::size_t at) {
    while (start_ < std::min(at, body.size())) {
      const std::size_t end = end_of_part(body);
      if (end > at) return;
      take(body[start_]);
      start_ = end;
    }
  }

  // Where what is wrong begins, and what should be there.
  std::size_t start() const { return start_; }
  std::string_view text() const { return expected_; }

 private:
  // Of the white space, mark, text or word that begins at start_.
  std::size_t end_of_part(std::string_view body) const {
    std::size_t end = start_ + 1;
    if (body[start_] == '"') {
      while (end < body.size() && body[end] != '"') end += body[end] == '\\' ? 2 : 1;
      return end + 1;
    }
    while (is_word(body[start_]) && end < body.size() && is_word(body[end])) ++end;
    return end;
  }

  static bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '+' || c == '.';
  }

  void take(char first) {
    switch (first) {
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        return;
      case '{':
        in_object_.push_back(true);
        expected_ = kNameOrEnd;
        return;
      case '[':
        in_object_.push_back(false);
        expected_ = "a value or ]";
        return;
      case ':':
        expected_ = "a value";
        return;
      case ',':
        expected_ = in_object() ? kName : "a value";
        return;
      case '}':
      case ']':
        in_object_.pop_back();
        break;
      default:
        if (expected_ == kName || expected_ == kNameOrEnd) {
          expected_ = "a colon";
          return;
        }
    }
    expected_ = in_object_.empty() ? "the end" : in_object() ? "a comma or }" : "a comma or ]";
  }

  bool in_object() const { return !in_object_.empty() && in_object_.back(); }

  static constexpr std::string_view kName = "a name in quotes";
  static constexpr std::string_view kNameOrEnd = "a name in quotes or }";

  std::size_t start_ = 0;
  std::string_view expected_ = "a value";
  std::vector<bool> in_object_;  // or else in a list, of those around
};

// `byte`: where the parser stopped, from 1.
std::string syntax_text(std::string_view body, std::size_t byte) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return "the body is empty";
  const Expectation expectation(body, byte == 0 ? 0 : byte - 1);
  if (expectation.start() >= body.size()) {
    return fmt::format("the body is not JSON: it ends where {} is expected", expectation.text());
  }
  return fmt::format("the body is not JSON: at byte {} {} is expected", expectation.start() + 1,
                     expectation.text());
}

}  // namespace

Value parse_body(const Request& request) {
  if (!is_utf8(request.body)) throw bad_json("the body is not UTF-8");
  try {
    return parse_untrusted_json(request.body);
  } catch (const InputError& error) {
    throw bad_json(error.what());
  } catch (const Value::parse_error& error) {
    throw bad_json(syntax_text(request.body, error.byte));
  } catch (const Value::exception&) {
    throw bad_json("the body has a number that is too large");
  }
}

}  // namespace tusk::server
