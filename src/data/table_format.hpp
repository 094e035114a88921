// How a text file of rows of delimited fields is laid out: ratings, pairs of ids, lists of ids.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>

#include "data/fields.hpp"

namespace tusk {

// A column that a table may have, and the names that headers give it: lower case, without '_', '-'
// and spaces. Of `other_names` the first that is there counts, where none of `names` is.
struct KnownColumn {
  std::string_view field;
  std::span<const std::string_view> names;
  std::span<const std::string_view> other_names = {};
};

inline constexpr std::string_view kColumnsOption = "columns";

// What the rows of a table hold.
struct TableKind {
  std::string_view row;                  // "user, item and rating"
  std::span<const KnownColumn> columns;  // in the order that they have without a header
  std::size_t required = 0;              // the first so many must be there
  // The column that holds a number in every row; kNoColumn if all may be text.
  int number = kNoColumn;
  std::string_view also = {};                // what else rows may have, for messages
  std::string_view option = kColumnsOption;  // the option that names its columns
};

struct TableFormat {
  std::string delimiter;
  bool header = false;
  int fields = 0;                   // of every row
  std::vector<int> column;          // of each known column: which field, from 0; or kNoColumn
  std::vector<std::string> names;   // the fields of the header
  bool counting_first_row = false;  // there is no header, and the first row reads 0, 1, 2, ...

  TableLayout layout(const TableKind& kind) const;
};

// Recognises the layout from the first lines that are not blank and from the options. A table of
// one required column is a list of one field a line unless a header or options.columns name the
// column. Throws InputError if `text` is no such table, UsageError if the options contradict each
// other.
TableFormat recognise_table(std::string_view text, const std::string& file, const TableKind& kind,
                            const TableOptions& options);

// Rows below the header, and the number of lines above them.
struct TableBody {
  std::string_view rows;
  std::int64_t lines_above = 0;
};
TableBody table_body(std::string_view text, bool header);

}  // namespace tusk
