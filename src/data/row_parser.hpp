// One rating of a text file: its ids, rating and time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tusk/dataset.hpp>

#include "data/rating_format.hpp"
#include "data/table_row.hpp"
#include "data/time_field.hpp"

namespace tusk {

struct TextRow {
  std::string_view user;
  std::string_view item;
  float rating = 1;
  double rounding = 0;   // how far the rating is from what is written
  bool unrated = false;  // the rating means "not rated"
  TimeField time = TimeField::read;
  std::int64_t timestamp = kNoTime;
};

// Whether a rating is one that can be used and is on the scale of the options, and what is expected
// if not.
bool is_rating(float rating, const ReadOptions& options);
std::string expected_rating(const ReadOptions& options);

// Used for one row after another. Format and options are borrowed.
class RowParser {
 public:
  RowParser(const RatingFormat& format, const ReadOptions& options)
      : format_(format), options_(options), row_(format.row) {}

  // The ids of `row` are valid until the next call. Without a column of users or items theirs are
  // left as they are.
  std::optional<BadRow> parse(std::string_view line, bool line_ended, TextRow& row);

  // Reads a rating from the field of a row that was split.
  std::optional<BadRow> parse_rating(int field, TextRow& row) const;

  // Whether a rating can be taken as it is.
  bool accepts(float rating) const {
    return format_.unrated != rating && is_rating(rating, options_);
  }

  // Splits a line into fields.
  std::optional<BadRow> split(std::string_view line, bool line_ended) {
    return row_.split(line, line_ended);
  }

  // What is wrong with the time of the row that was parsed last.
  BadRow bad_time() const;

 private:
  const RatingFormat& format_;
  const ReadOptions& options_;
  TableRow row_;
  std::string user_text_;
  std::string item_text_;
};

}  // namespace tusk
