// Comma-separated text whose header names its columns.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "data/csv_records.hpp"
#include "data/fields.hpp"

namespace tusk {

// Its records, one after another. Fields in quotes may hold ends of lines.
class NamedCsv {
 public:
  // Reads the header. `file` is for messages; the text is borrowed.
  NamedCsv(std::string file, std::string_view text);

  // Columns by their names as find_column() and first_column() take them, or by one as it is
  // written; kNoColumn also if that is empty or the header is broken.
  int column(std::span<const std::string_view> names) const { return find_column(header_, names); }
  int first(std::span<const std::string_view> names) const { return first_column(header_, names); }
  int column(std::string_view written) const;
  std::int64_t columns() const { return std::ssize(header_); }

  // Goes to the next record that is not blank. False at the end.
  bool next();

  // Why the record cannot be used; empty if it has as many fields as the header.
  std::string problem() const;
  // A field as UTF-8, from latin-1 if it is none; empty if there is no such column.
  std::string field(int column) const;

  std::int64_t line() const { return records_.line(); }
  std::string_view text() const { return records_.text(); }

  // Throws InputError at the record, or at the header if there was none yet.
  [[noreturn]] void refuse(std::string expected) const;

 private:
  std::string file_;
  CsvRecords records_;
  Fields header_;
  Fields fields_;
  bool is_split_ = false;
};

}  // namespace tusk
