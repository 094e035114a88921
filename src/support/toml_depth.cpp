#include "support/toml_depth.hpp"

#include <algorithm>

namespace tusk {
namespace {

// Where a text that begins at `at` with a quote ends: behind its last quote, or where it is broken
// off.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view triple = quote == '"' ? R"(""")" : "'''";
  const bool lines = text.substr(at).starts_with(triple);
  const std::string_view end = lines ? triple : triple.substr(0, 1);
  for (at += end.size(); at < text.size(); ++at) {
    if (text.substr(at).starts_with(end)) {
      at += end.size();
      // A text of several lines may end with quotes of its own: the last three close it.
      const std::size_t own = lines ? 2 : 0;
      return std::min(text.find_first_not_of(quote, at), std::min(at + own, text.size()));
    }
    if (text[at] == '\n' && !lines) return at;
    if (text[at] == '\\' && quote == '"') ++at;
  }
  return text.size();
}

}  // namespace

std::optional<std::int64_t> line_nested_deeper(std::string_view text, int deepest) {
  int brackets = 0;
  int dots = 0;  // since a key or a value began
  const auto line_of = [&](std::size_t at) {
    return 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  };
  for (std::size_t at = 0; at < text.size();) {
    switch (text[at]) {
      case '#':
        at = std::min(text.find('\n', at), text.size());
        continue;
      case '"':
      case '\'':
        at = end_of_string(text, at);
        continue;
      case '[':
      case '{':
        ++brackets;
        dots = 0;
        break;
      case ']':
      case '}':
        brackets = std::max(0, brackets - 1);
        dots = 0;
        break;
      case '.':
        ++dots;
        break;
      case '\n':
      case ',':
      case '=':
        dots = 0;
        break;
      default:
        break;
    }
    if (brackets + dots > deepest) return line_of(at);
    ++at;
  }
  return std::nullopt;
}

}  // namespace tusk
