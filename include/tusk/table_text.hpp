// Tables of results as text for papers, pages and programs.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <tusk/text_grid.hpp>

namespace tusk {

enum class TableStyle { markdown, latex, csv };

// By the end of a file's name, in any case: .md, .tex, .csv; nothing for another one.
std::optional<TableStyle> table_style_of(std::string_view path);

// Row and column of a cell, from 0; row 0 is the header.
using TableCells = std::set<std::pair<std::size_t, std::size_t>>;

// A table with a header, of which columns of numbers are aligned to the right and the cells `bold`
// are in bold; CSV has neither. What has a meaning in the format is escaped. LaTeX is a tabular
// environment with the rules of the package booktabs. All rows have as many texts as the first.
std::string table_text(const TextRows& rows, TableStyle format, const TableCells& bold = {},
                       Cells cells = Cells::safe);

}  // namespace tusk
