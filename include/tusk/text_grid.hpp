// Rows of texts, for people and for programs.
#pragma once

#include <string>
#include <vector>

namespace tusk {

using TextRows = std::vector<std::vector<std::string>>;

// Lines whose columns are as wide as they need to be. All rows have as many texts as the first.
std::vector<std::string> aligned(const TextRows& rows);

// Whether text in tables is escaped so that a spreadsheet does not run it as a formula.
enum class Cells { safe, raw };

// A text as a cell of a table. Of Cells::safe, one that a spreadsheet would take for a formula gets
// a ' in front: that begins, after spaces, with = + - or @ (or a wide form of them) and is not a
// number.
std::string cell(std::string text, Cells cells);

// A field of CSV: in double quotes where RFC 4180 wants them, where blanks at its ends would be
// taken off, or where cell() put a ' in front.
std::string csv_field(const std::string& text);

// A line of CSV with its end, of cells.
std::string csv_line(const std::vector<std::string>& fields, Cells cells);

}  // namespace tusk
