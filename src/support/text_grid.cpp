#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include <tusk/text_grid.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 8> kFormulaSigns = {"=",      "+",      "-",      "@",
                                                           "\uff1d", "\uff0b", "\uff0d", "\uff20"};

}  // namespace

std::vector<std::string> aligned(const TextRows& rows) {
  std::vector<std::size_t> width(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
  }
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c)
      line += fmt::format("{:<{}}", row[c], width[c] + 2);
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string cell(std::string text, Cells cells) {
  if (cells == Cells::raw) return text;
  const std::string_view content = trimmed(text);
  const bool formula =
      std::any_of(kFormulaSigns.begin(), kFormulaSigns.end(),
                  [&](std::string_view sign) { return content.starts_with(sign); });
  if (!formula) return text;
  const auto number = parse_double(content);
  return number && std::isfinite(*number) ? text : "'" + text;
}

std::string csv_field(const std::string& text) {
  const bool outer_blank = text.starts_with(' ') || text.ends_with(' ');
  if (!outer_blank && !text.starts_with('\'') &&
      text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string csv_line(const std::vector<std::string>& fields, Cells cells) {
  std::string line;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) line += ',';
    line += csv_field(cell(field, cells));
  }
  return line + '\n';
}

}  // namespace tusk
