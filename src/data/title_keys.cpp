#include "data/title_keys.hpp"

#include <algorithm>
#include <array>
#include <utf8.h>
#include <utf8proc.h>

#include "support/text.hpp"
#include "support/unicode.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 14> kLeadingArticles = {
    "the", "a", "an", "le", "la", "les", "l'", "il", "el", "los", "der", "die", "das", "une"};

std::string_view without_article(std::string_view name) {
  for (const std::string_view article : kLeadingArticles) {
    const bool elided = article.ends_with('\'');
    if (name.starts_with(article) && name.size() > article.size() + 1 &&
        (elided || name[article.size()] == ' ')) {
      return name.substr(article.size());
    }
    const auto comma = name.rfind(", ");
    if (comma != std::string_view::npos && comma > 0 && name.substr(comma + 2) == article) {
      return name.substr(0, comma);
    }
  }
  return name;
}

bool is_letter_or_digit(char32_t character) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(character))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return true;
    default:
      return false;
  }
}

// A name, folded.
std::string key_of(std::string_view name) {
  const std::string text = to_utf8(without_article(trimmed(name)));
  std::string key;
  for (auto at = text.begin(); at != text.end();) {
    const auto begin = at;
    if (is_letter_or_digit(utf8::next(at, text.end()))) key.append(begin, at);
  }
  // Of a title without letters and digits, such as "$", all counts.
  return key.empty() ? std::string(trimmed(name)) : key;
}

}  // namespace

std::vector<std::string> title_keys(std::string_view title) {
  constexpr std::size_t kYear = 7;  // " (1995)"
  std::string text = folded(trimmed(title));
  if (text.size() > kYear && text.ends_with(')') && text[text.size() - kYear + 1] == '(') {
    text.resize(text.size() - kYear);
  }
  std::vector<std::string> keys = {key_of(text)};
  const auto add = [&](std::string_view name) {
    std::string key = key_of(name);
    if (key.empty() || std::find(keys.begin(), keys.end(), key) != keys.end()) return;
    keys.push_back(std::move(key));
  };
  // Other names in parentheses: "Seven (a.k.a. Se7en)".
  std::string_view rest = text;
  const auto open = rest.find(" (");
  if (open == std::string_view::npos) return keys;
  add(rest.substr(0, open));
  while (true) {
    const auto begin = rest.find('(');
    const auto end = rest.find(')', begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) return keys;
    auto name = rest.substr(begin + 1, end - begin - 1);
    for (const std::string_view mark : {"a.k.a. ", "aka "}) {
      if (name.starts_with(mark)) name.remove_prefix(mark.size());
    }
    add(name);
    rest.remove_prefix(end + 1);
  }
}

}  // namespace tusk
