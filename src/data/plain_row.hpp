// Fast reading of the rows that nearly all files have: plain decimal numbers without blanks, signs
// and quotes. Whatever is not such a row is left to the careful parser.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "data/fields.hpp"
#include "data/rating_format.hpp"

namespace tusk {

struct PlainRow {
  std::int64_t user = 0;
  std::int64_t item = 0;
  float rating = 1;  // where the file has none
  std::int64_t timestamp = 0;
};

class PlainRowScanner {
 public:
  explicit PlainRowScanner(const RatingFormat& format);

  // Bytes behind the end of a line that may be read with it.
  static constexpr std::size_t kReadAhead = 8;

  // Reads the row that begins at `at`, in a text with an '\n' and kReadAhead more bytes behind it.
  // Returns the beginning of the next line, or nullptr if the row is not plain.
  const char* scan(const char* at, PlainRow& row) const;

 private:
  enum class Role : std::uint8_t { skipped, user, item, rating, timestamp };

  const char* skip_delimiter(const char* at) const {
    for (const char c : delimiter_) {
      if (*at++ != c) return nullptr;
    }
    return at;
  }

  std::string delimiter_;
  int fields_;
  // Whether the delimiter cannot be part of a number, a quoted field or an end of a line.
  bool plain_ = true;
  bool blanks_ = false;  // whether fields may lie more than one delimiter apart
  std::array<Role, kMostFields> role_{};
};

}  // namespace tusk
