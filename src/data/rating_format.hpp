// How a text file of ratings is laid out.
#pragma once

#include <string>
#include <string_view>

#include <tusk/dataset.hpp>

namespace tusk {

inline constexpr int kMostFields = 64;  // of a row

struct RatingFormat {
  std::string delimiter;
  bool header = false;
  int fields = 0;  // of every row
  // Which field, from 0.
  int user = 0;
  int item = 1;
  int rating = 2;
  int timestamp = -1;  // -1: there is none
};

// Splits a line at the delimiter. A field in double quotes may hold the delimiter and, doubled,
// quotes (RFC 4180); it comes without its outer quotes. Unquoted fields are trimmed. False if a
// quote is not closed or is followed by more text.
bool split_fields(std::string_view line, std::string_view delimiter,
                  std::vector<std::string_view>& fields);

// The same field with its doubled quotes made single.
std::string unescaped(std::string_view quoted_field);

// Fails with an InputError if `text`, a whole file less its byte order mark, is empty or is not
// text.
void check_is_text(std::string_view text, const std::string& file);

// Recognises the layout from the first line that is not blank and from the options. Throws
// InputError if that is no layout of ratings, UsageError if the options contradict each other.
RatingFormat recognise_format(std::string_view text, const std::string& file,
                              const ReadOptions& options);

}  // namespace tusk
