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

// The columns of a file, a row each, in the file's order.
struct RatingTable {
  IdColumn user;
  IdColumn item;
  std::vector<float> rating;
  std::vector<std::int64_t> timestamp;  // empty if the file has none
  std::int64_t bad_rows = 0;
  std::string first_bad_row;

  std::size_t rows() const { return rating.size(); }
};

// Parses `text`, a whole file less its byte order mark. Throws InputError at the first bad row
// unless options.on_bad is skip, and if there is no good row at all.
RatingTable parse_ratings(std::string_view text, const std::string& file,
                          const RatingFormat& format, const ReadOptions& options);

}  // namespace tusk
