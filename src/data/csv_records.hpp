// The records of delimited text whose quoted fields may hold ends of lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "data/fields.hpp"

namespace tusk {

class CsvRecords {
 public:
  // The text is borrowed. Its first line is number `lines_above` + 1.
  CsvRecords(std::string_view text, std::string delimiter, Quotes quotes = Quotes::doubled,
             std::int64_t lines_above = 0)
      : rest_(text),
        delimiter_(std::move(delimiter)),
        quotes_(quotes),
        next_line_(lines_above + 1) {}

  // Goes to the next record that is not blank. False at the end of the text. A record with a quote
  // that is not closed, or that more text follows, is one line: it does not take others with it.
  bool next();

  std::string_view text() const { return text_; }  // of the record, without the end of its line
  std::int64_t line() const { return line_; }      // where it begins, from 1

  // False if a quote is not closed or is followed by more text.
  bool split(Fields& fields) const { return split_fields(text_, delimiter_, fields, quotes_); }
  std::string field(std::string_view field) const { return field_text(text_, field, quotes_); }

 private:
  std::size_t end() const;

  std::string_view rest_;
  std::string delimiter_;
  Quotes quotes_;
  std::string_view text_;
  std::int64_t next_line_;
  std::int64_t line_ = 0;
};

}  // namespace tusk
