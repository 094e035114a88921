// How a text file of ratings is laid out.
#pragma once

#include <string>
#include <string_view>

#include <tusk/dataset.hpp>

namespace tusk {

struct RatingFormat {
  std::string delimiter;
  bool header = false;
  int fields = 0;  // of every row
  // Which field, from 0.
  int user = 0;
  int item = 1;
  int rating = 2;
  int timestamp = -1;               // -1: there is none
  bool counting_first_row = false;  // there is no header, and the first row reads 0, 1, 2, ...
  TableLayout layout;
};

// Recognises the layout from the first line that is not blank and from the options. Throws
// InputError if that is no layout of ratings, UsageError if the options contradict each other.
RatingFormat recognise_format(std::string_view text, const std::string& file,
                              const ReadOptions& options);

}  // namespace tusk
