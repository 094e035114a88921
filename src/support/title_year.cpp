#include "support/title_year.hpp"

#include <algorithm>

#include "support/text.hpp"

namespace tusk {

int take_year(std::string_view& text) {
  constexpr std::size_t kDigits = 4;
  text = trimmed(text);
  const auto open = text.rfind('(');
  if (!text.ends_with(')') || open == std::string_view::npos) return 0;
  const std::string_view inside = text.substr(open + 1, text.size() - open - 2);
  if (std::min(inside.find_first_not_of("0123456789"), inside.size()) != kDigits) return 0;
  // Behind it perhaps the rest of a range: "1999-2003", with any dash.
  const bool range = std::all_of(inside.begin() + kDigits, inside.end(), [](char c) {
    return ('0' <= c && c <= '9') || c == '-' || c == ' ' || static_cast<unsigned char>(c) >= 0x80;
  });
  const int year = parse_int(inside.substr(0, kDigits)).value_or(0);
  if (!range || year == 0) return 0;
  text = trimmed(text.substr(0, open));
  return year;
}

}  // namespace tusk
