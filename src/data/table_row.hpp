// The fields of one row of a table, and what is wrong with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/fields.hpp"
#include "data/json_row.hpp"

namespace tusk {

struct BadRow {
  std::int64_t column = 0;  // in the line, from 1; 0: not known
  std::string found;
  std::string expected;
};

// How the fields of a row are written.
struct RowStyle {
  std::string delimiter;
  int fields = 0;  // of every row
  Quotes quotes = Quotes::doubled;
  bool latin1_ids = false;             // an id that is no UTF-8 is Latin-1
  std::vector<std::string> keys = {};  // of the fields, if rows are JSON objects
};

// Used for one row after another. All text is borrowed from the line.
class TableRow {
 public:
  explicit TableRow(RowStyle style);

  // `line_ended`: whether the line had an end.
  std::optional<BadRow> split(std::string_view line, bool line_ended);

  std::string_view field(int number) const { return fields_[static_cast<std::size_t>(number)]; }
  BadRow bad_field(int number, std::string_view name, std::string expected) const;

  // The id in a field; `storage` holds it if it is not written in the line as it is.
  std::optional<BadRow> id(int number, std::string_view name, std::string& storage,
                           std::string_view& id) const;

 private:
  bool is_json() const { return !style_.keys.empty(); }

  RowStyle style_;
  JsonRow json_;
  std::string_view line_;
  Fields fields_;
};

}  // namespace tusk
