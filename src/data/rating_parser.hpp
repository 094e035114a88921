// Parsing the rows of a text file of ratings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>

#include "data/id_column.hpp"
#include "data/rating_format.hpp"

namespace tusk {

// The lines, from 1, that the rows of a file stand on. Rows follow line by line but for headers,
// blank lines and skipped rows, so that few places are kept.
class LineNumbers {
 public:
  // Of the rows in rising order.
  void note(std::size_t row, std::int64_t line);
  std::int64_t of(std::size_t row) const;

 private:
  // From row `first` on, row r stands on line r + shift.
  struct Run {
    std::size_t first = 0;
    std::int64_t shift = 0;
  };
  std::vector<Run> runs_;
};

// The columns of a file, a row each, in the file's order.
struct RatingTable {
  IdColumn user;
  IdColumn item;
  std::vector<float> rating;
  std::vector<std::int64_t> timestamp;  // empty if the file has none
  LineNumbers lines;
  std::int64_t bad_rows = 0;
  std::string first_bad_row;

  std::size_t rows() const { return rating.size(); }
};

// Parses `text`, a whole file less its byte order mark. Throws InputError at the first bad row
// unless options.on_bad is skip, and if there is no good row at all.
RatingTable parse_ratings(std::string_view text, const std::string& file,
                          const RatingFormat& format, const ReadOptions& options);

}  // namespace tusk
