#include "catalogue/title_year.hpp"

#include <algorithm>
#include <charconv>

#include <tusk/dataset.hpp>

#include "support/text.hpp"

namespace tusk {

int take_year(std::string_view& text) {
  text = trimmed(text);
  if (text.size() < 6 || text.back() != ')') return 0;
  const auto open = text.rfind('(');
  if (open == std::string_view::npos) return 0;
  const std::string_view inside = text.substr(open + 1, text.size() - open - 2);
  int year = 0;
  const auto [end, error] = std::from_chars(inside.data(), inside.data() + inside.size(), year);
  const auto digits = static_cast<std::size_t>(end - inside.data());
  const bool range = std::all_of(end, inside.data() + inside.size(), [](char c) {
    return ('0' <= c && c <= '9') || c == '-' || c == ' ' || static_cast<unsigned char>(c) >= 0x80;
  });
  if (error != std::errc{} || digits != 4 || !range) return 0;
  text = trimmed(text.substr(0, open));
  return year;
}

int item_year(const Catalogue& catalogue, Index item) {
  const auto i = static_cast<std::size_t>(item);
  const int given = i < catalogue.year.size() ? catalogue.year[i] : 0;
  if (given != 0 || i >= catalogue.title.size()) return given;
  std::string_view title = catalogue.title[i];
  return take_year(title);
}

}  // namespace tusk
