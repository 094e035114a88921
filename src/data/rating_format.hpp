// How a text file of ratings is laid out.
#pragma once

#include <string>
#include <string_view>

#include <tusk/dataset.hpp>

#include "data/table_format.hpp"

namespace tusk {

struct RatingFormat : TableFormat {
  // Which field, from 0; kNoColumn for the time of ratings without one.
  int user() const { return column[0]; }
  int item() const { return column[1]; }
  int rating() const { return column[2]; }
  int timestamp() const { return column[3]; }

  TableLayout layout() const;
};

// Recognises the layout from the first line that is not blank and from the options. Throws
// InputError if that is no layout of ratings, UsageError if the options contradict each other.
RatingFormat recognise_format(std::string_view text, const std::string& file,
                              const ReadOptions& options);

}  // namespace tusk
