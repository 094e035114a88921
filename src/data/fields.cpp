#include "data/fields.hpp"

#include <algorithm>

#include "support/text.hpp"

namespace tusk {

std::size_t closing_quote(std::string_view line, std::size_t start, Quotes quotes) {
  std::size_t end = start + 1;
  while (quotes == Quotes::after_backslash) {
    end = line.find_first_of("\"\\", end);
    if (end == std::string_view::npos || line[end] == '"') return end;
    end += 2;
  }
  while (true) {
    end = line.find('"', end);
    if (end == std::string_view::npos || end + 1 >= line.size() || line[end + 1] != '"') return end;
    end += 2;
  }
}

namespace {

bool split_at_blanks(std::string_view line, Fields& fields, Quotes quotes) {
  constexpr std::string_view kBlank = " \t";
  while (true) {
    const auto start = line.find_first_not_of(kBlank);
    if (start == std::string_view::npos) return true;
    std::size_t next = 0;
    if (line[start] == '"') {
      const std::size_t end = closing_quote(line, start, quotes);
      if (end == std::string_view::npos) return false;
      fields.push_back(line.substr(start + 1, end - start - 1));
      next = end + 1;
      if (next < line.size() && kBlank.find(line[next]) == std::string_view::npos) return false;
    } else {
      next = std::min(line.find_first_of(kBlank, start), line.size());
      fields.push_back(line.substr(start, next - start));
    }
    line.remove_prefix(next);
  }
}

}  // namespace

bool split_fields(std::string_view line, std::string_view delimiter, Fields& fields,
                  Quotes quotes) {
  fields.clear();
  if (delimiter == kBlanks) return split_at_blanks(line, fields, quotes);
  while (true) {
    const auto start = line.find_first_not_of(' ');
    if (start != std::string_view::npos && line[start] == '"') {
      const std::size_t end = closing_quote(line, start, quotes);
      if (end == std::string_view::npos) return false;
      fields.push_back(line.substr(start + 1, end - start - 1));
      line.remove_prefix(end + 1);
      const auto next = line.find(delimiter);
      if (!trimmed(line.substr(0, next)).empty()) return false;
      if (next == std::string_view::npos) return true;
      line.remove_prefix(next + delimiter.size());
    } else {
      const auto end = line.find(delimiter);
      fields.push_back(trimmed(line.substr(0, end)));
      if (end == std::string_view::npos) return true;
      line.remove_prefix(end + delimiter.size());
    }
  }
}

std::string field_text(std::string_view line, std::string_view field, Quotes quotes) {
  const bool quoted = field.data() > line.data() && field.data()[-1] == '"';
  const char before = quotes == Quotes::doubled ? '"' : '\\';  // a quote
  std::string out;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (quoted && field[i] == before && i + 1 < field.size()) ++i;
    out += field[i];
  }
  return out;
}

int find_column(const Fields& header, std::span<const std::string_view> names) {
  int found = -1;
  for (std::size_t c = 0; c < header.size(); ++c) {
    std::string name = lower_case(header[c]);
    std::erase_if(name, [](char ch) { return ch == '_' || ch == '-' || ch == ' '; });
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    if (found >= 0) return kManyColumns;
    found = static_cast<int>(c);
  }
  return found;
}

int first_column(const Fields& header, std::span<const std::string_view> names) {
  for (std::size_t n = 0; n < names.size(); ++n) {
    const int found = find_column(header, names.subspan(n, 1));
    if (found != kNoColumn) return found;
  }
  return kNoColumn;
}

}  // namespace tusk
