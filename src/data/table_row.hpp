// The fields of one row of a table, and what is wrong with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/fields.hpp"

namespace tusk {

struct BadRow {
  std::int64_t column = 0;  // in the line, from 1
  std::string found;
  std::string expected;
};

// Used for one row after another. All text is borrowed from the line.
class TableRow {
 public:
  // `delimiter` is borrowed.
  TableRow(const std::string& delimiter, int fields) : delimiter_(delimiter), count_(fields) {
    fields_.reserve(kMostFields);
  }

  // `line_ended`: whether the line had an end.
  std::optional<BadRow> split(std::string_view line, bool line_ended);

  std::string_view field(int number) const { return fields_[static_cast<std::size_t>(number)]; }
  BadRow bad_field(int number, std::string_view name, std::string expected) const;

  // The id in a field; `storage` holds it if it had quotes in it.
  std::optional<BadRow> id(int number, std::string_view name, std::string& storage,
                           std::string_view& id) const;

 private:
  const std::string& delimiter_;
  int count_;
  std::string_view line_;
  Fields fields_;
};

}  // namespace tusk
