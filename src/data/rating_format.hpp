// How a text file of ratings is laid out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tusk/dataset.hpp>

#include "data/table_format.hpp"
#include "data/table_row.hpp"

namespace tusk {

struct RatingFormat : TableFormat {
  // Which field, from 0; kNoColumn if there is none.
  int user() const { return column[0]; }
  int item() const { return column[1]; }
  int rating() const { return column[2]; }  // without one every rating is 1
  int timestamp() const { return column[3]; }

  TableLayout layout() const;

  FileLayout kind = FileLayout::table;
  RowStyle row = {};
  std::optional<float> unrated = {};  // a value that means "not rated"
};

// Recognises the layout from the first lines that are not blank and from the options. Throws
// InputError if that is no layout of ratings, UsageError if the options contradict each other.
RatingFormat recognise_format(std::string_view text, const std::string& file,
                              const ReadOptions& options);

// A table of ratings, with columns as RatingFormat has them, and what they say of its rows.
RatingFormat rating_format(TableFormat table, const ReadOptions& options);

// Tables of the ratings, or weights, of one user: item, rating and perhaps a timestamp.
const TableKind& own_ratings_kind(bool implicit);

// Whether the line is an item and a colon, as above the ratings of an item in files of the Netflix
// Prize; `item` is its id then.
bool is_netflix_item(std::string_view line, std::string_view& item);

}  // namespace tusk
