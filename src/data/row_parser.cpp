#include "data/row_parser.hpp"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "support/text.hpp"

namespace tusk {

bool is_rating(float rating, const ReadOptions& options) {
  return std::abs(rating) <= kLargestRating && (!options.implicit || rating > 0) &&
         (!options.scale || options.scale->contains(rating));
}

std::string expected_rating(const ReadOptions& options) {
  const RatingScale scale = options.scale.value_or(RatingScale{-kLargestRating, kLargestRating});
  if (options.implicit) return fmt::format("a number above 0, at most {:g}", scale.high);
  return fmt::format("a number from {:g} to {:g}", scale.low, scale.high);
}

std::optional<BadRow> RowParser::parse(std::string_view line, bool line_ended, TextRow& row) {
  if (auto bad = row_.split(line, line_ended)) return bad;
  if (format_.user() >= 0) {
    if (auto bad = row_.id(format_.user(), "user", user_text_, row.user)) return bad;
  }
  if (format_.item() >= 0) {
    if (auto bad = row_.id(format_.item(), "item", item_text_, row.item)) return bad;
  }
  if (format_.rating() >= 0) {
    if (auto bad = parse_rating(format_.rating(), row)) return bad;
  }
  if (format_.timestamp() >= 0) {
    row.time = parse_time(row_.field(format_.timestamp()), row.timestamp);
    if (row.time != TimeField::read) row.timestamp = kNoTime;
  }
  return std::nullopt;
}

std::optional<BadRow> RowParser::parse_rating(int field, TextRow& row) const {
  const auto text = row_.field(field);
  float& rating = row.rating;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rating);
  const bool number = error == std::errc{} && end == text.data() + text.size() && !text.empty();
  row.unrated = number && format_.unrated == rating;
  if (row.unrated) {
    // What was used without being rated has the least weight.
    if (options_.implicit) rating = 1;
    row.unrated = !options_.implicit;
    return std::nullopt;
  }
  if (number && is_rating(rating, options_)) {
    rating += 0.0f;  // -0 becomes 0
    constexpr std::size_t kExactDigits = 7;
    if (text.size() > kExactDigits) {
      row.rounding = std::abs(parse_double(text).value_or(rating) - rating);
    }
    return std::nullopt;
  }
  return row_.bad_field(field, options_.implicit ? "weight" : "rating", expected_rating(options_));
}

BadRow RowParser::bad_time() const {
  return row_.bad_field(format_.timestamp(), "timestamp",
                        "seconds since 1970 or a date such as 2005-09-01T10:00:00Z");
}

}  // namespace tusk
