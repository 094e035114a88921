#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <tusk/table_text.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

// "0.9213", "+0.0012", "< 0.0001", "0.92 ± 0.01", "3=": what a column of numbers may have.
bool is_figure(std::string_view text) {
  constexpr std::string_view kPlusMinus = "±";
  std::string rest(text);
  if (const auto at = rest.find(kPlusMinus); at != std::string::npos) {
    rest.erase(at, kPlusMinus.size());
  }
  return rest.find_first_not_of("0123456789.+-eE<=% ") == std::string::npos;
}

// Columns without a letter below the header.
std::vector<bool> figure_columns(const TextRows& rows) {
  std::vector<bool> figures(rows.front().size(), rows.size() > 1);
  for (std::size_t r = 1; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < figures.size(); ++c) {
      if (!is_figure(rows[r][c])) figures[c] = false;
    }
  }
  return figures;
}

std::string markdown_escaped(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*_[]<>|~&$#";
  std::string escaped;
  for (const char c : text) {
    if (kSpecial.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c == '\n' || c == '\r' ? ' ' : c;
  }
  return escaped;
}

std::string latex_escaped(std::string_view text, bool figure) {
  std::string escaped;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    switch (c) {
      case '\\':
        escaped += "\\textbackslash{}";
        break;
      case '~':
        escaped += "\\textasciitilde{}";
        break;
      case '^':
        escaped += "\\textasciicircum{}";
        break;
      case '&':
      case '%':
      case '$':
      case '#':
      case '_':
      case '{':
      case '}':
        escaped += '\\';
        escaped += c;
        break;
      case '<':
      case '>':
        escaped += fmt::format("${}$", c);
        break;
      case '-':
        // A sign, but not a dash for a figure that is missing.
        escaped += figure && text.size() > 1 ? "$-$" : "-";
        break;
      case '\n':
      case '\r':
        escaped += ' ';
        break;
      default:
        if (text.substr(at).starts_with("±")) {
          escaped += "$\\pm$";
          at += std::string_view("±").size() - 1;
        } else {
          escaped += c;
        }
    }
  }
  return escaped;
}

// Cells side by side, with blanks that make columns line up in the text, too.
std::vector<std::string> joined_rows(const TextRows& rows, const std::vector<bool>& to_the_right,
                                     std::string_view between) {
  std::vector<std::size_t> width(rows.front().size(), 3);
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
  }
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string& line = lines.emplace_back();
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c > 0) line += between;
      line += to_the_right[c] ? fmt::format("{:>{}}", row[c], width[c])
                              : fmt::format("{:<{}}", row[c], width[c]);
    }
  }
  return lines;
}

std::string markdown(const TextRows& rows, const TableCells& bold) {
  const auto figures = figure_columns(rows);
  TextRows shown = rows;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      shown[r][c] = markdown_escaped(rows[r][c]);
      if (bold.contains({r, c})) shown[r][c] = "**" + shown[r][c] + "**";
    }
  }
  std::vector<std::string> rule;
  for (const bool figure : figures) rule.push_back(figure ? "--:" : "---");
  shown.insert(shown.begin() + 1, rule);
  std::string text;
  for (const std::string& line : joined_rows(shown, figures, " | ")) {
    text += fmt::format("| {} |\n", line);
  }
  return text;
}

std::string latex(const TextRows& rows, const TableCells& bold) {
  const auto figures = figure_columns(rows);
  TextRows shown = rows;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      shown[r][c] = latex_escaped(rows[r][c], r > 0 && figures[c]);
      if (bold.contains({r, c})) shown[r][c] = fmt::format("\\textbf{{{}}}", shown[r][c]);
    }
  }
  std::string columns;
  for (const bool figure : figures) columns += figure ? 'r' : 'l';
  std::string text = fmt::format("\\begin{{tabular}}{{{}}}\n\\toprule\n", columns);
  const auto lines = joined_rows(shown, figures, " & ");
  for (std::size_t r = 0; r < lines.size(); ++r) {
    text += fmt::format("{} \\\\\n{}", lines[r], r == 0 ? "\\midrule\n" : "");
  }
  return text + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace

std::optional<TableStyle> table_style_of(std::string_view path) {
  const std::string name = lower_case(std::string(path));
  if (name.ends_with(".md")) return TableStyle::markdown;
  if (name.ends_with(".tex")) return TableStyle::latex;
  if (name.ends_with(".csv")) return TableStyle::csv;
  return std::nullopt;
}

std::string table_text(const TextRows& rows, TableStyle format, const TableCells& bold,
                       Cells cells) {
  if (format == TableStyle::markdown) return markdown(rows, bold);
  if (format == TableStyle::latex) return latex(rows, bold);
  std::string csv;
  for (const auto& row : rows) csv += csv_line(row, cells);
  return csv;
}

}  // namespace tusk
