#include "data/rating_parser.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "data/fields.hpp"
#include "data/lines.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// What is wrong with a row.
struct BadRow {
  std::int64_t column = 0;  // in the line, from 1
  std::string found;
  std::string expected;
};

struct Row {
  std::string_view user;
  std::string_view item;
  float rating = 0;
  std::int64_t timestamp = 0;
};

class RowParser {
 public:
  RowParser(const RatingFormat& format, const ReadOptions& options)
      : format_(format), options_(options) {
    fields_.reserve(kMostFields);
  }

  // The ids of `row` are valid until the next call.
  std::optional<BadRow> parse(std::string_view line, bool line_ended, Row& row) {
    if (!split_fields(line, format_.delimiter, fields_)) {
      return BadRow{1, in_quotes(line), "quotes closed before the next delimiter"};
    }
    if (static_cast<int>(fields_.size()) != format_.fields) {
      return BadRow{1,
                    fmt::format("{}{}", count_text(std::ssize(fields_), "field"),
                                line_ended ? "" : " in a last line without an end (cut off?)"),
                    fmt::format("{} fields", format_.fields)};
    }
    if (auto bad = parse_id(line, format_.user, "user", user_text_, row.user)) return bad;
    if (auto bad = parse_id(line, format_.item, "item", item_text_, row.item)) return bad;
    if (auto bad = parse_rating(line, row.rating)) return bad;
    if (format_.timestamp >= 0) return parse_timestamp(line, row.timestamp);
    return std::nullopt;
  }

 private:
  std::string_view field(int number) const { return fields_[static_cast<std::size_t>(number)]; }

  BadRow bad_field(std::string_view line, int number, std::string_view name,
                   std::string expected) const {
    const auto text = field(number);
    return {text.data() - line.data() + 1, fmt::format("{} {}", name, in_quotes(text)),
            std::move(expected)};
  }

  std::optional<BadRow> parse_id(std::string_view line, int number, std::string_view name,
                                 std::string& storage, std::string_view& id) const {
    id = field(number);
    if (id.find('"') != std::string_view::npos) {
      storage = field_text(line, id);
      id = storage;
    }
    if (id.empty()) return bad_field(line, number, name, "an id");
    if (id.size() > kLongestId) {
      return bad_field(line, number, name,
                       fmt::format("an id of at most {} bytes, not {}", kLongestId, id.size()));
    }
    std::int64_t ignored = 0;
    if (parse_canonical(id, ignored)) return std::nullopt;
    const bool control = std::any_of(id.begin(), id.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (control || !is_utf8(id)) return bad_field(line, number, name, "an id of UTF-8 text");
    return std::nullopt;
  }

  std::optional<BadRow> parse_rating(std::string_view line, float& rating) const {
    const auto text = field(format_.rating);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rating);
    const bool whole = end == text.data() + text.size() && !text.empty();
    if (error == std::errc{} && whole && std::isfinite(rating) &&
        (!options_.scale || options_.scale->contains(rating))) {
      rating += 0.0f;  // -0 becomes 0
      return std::nullopt;
    }
    return bad_field(line, format_.rating, "rating",
                     options_.scale ? fmt::format("a number from {:g} to {:g}", options_.scale->low,
                                                  options_.scale->high)
                                    : "a finite number");
  }

  // Whole seconds; other software writes them as 964982703.0 too.
  std::optional<BadRow> parse_timestamp(std::string_view line, std::int64_t& timestamp) const {
    auto text = field(format_.timestamp);
    if (const auto point = text.find('.'); point != std::string_view::npos) {
      if (text.find_first_not_of('0', point + 1) == std::string_view::npos) {
        text = text.substr(0, point);
      }
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), timestamp);
    if (error == std::errc{} && end == text.data() + text.size()) return std::nullopt;
    return bad_field(line, format_.timestamp, "timestamp", "seconds since 1970 as a whole number");
  }

  const RatingFormat& format_;
  const ReadOptions& options_;
  Fields fields_;
  std::string user_text_;
  std::string item_text_;
};

}  // namespace

void LineNumbers::note(std::size_t row, std::int64_t line) {
  const std::int64_t shift = line - static_cast<std::int64_t>(row);
  if (runs_.empty() || runs_.back().shift != shift) runs_.push_back({row, shift});
}

std::int64_t LineNumbers::of(std::size_t row) const {
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), row,
                                      [](std::size_t r, const Run& run) { return r < run.first; });
  return static_cast<std::int64_t>(row) + std::prev(after)->shift;
}

RatingTable parse_ratings(std::string_view text, const std::string& file,
                          const RatingFormat& format, const ReadOptions& options) {
  RatingTable table;
  RowParser parser(format, options);
  Lines lines(text);
  std::string_view line;
  Row row;
  bool header_due = format.header;
  while (lines.next(line)) {
    if (trimmed(line).empty()) continue;
    if (header_due) {
      header_due = false;
      continue;
    }
    if (auto bad = parser.parse(line, lines.ended(), row)) {
      InputError error({file, lines.number(), bad->column}, bad->found, bad->expected);
      if (options.on_bad == BadRows::error) throw error;
      if (table.bad_rows++ == 0) table.first_bad_row = error.what();
      continue;
    }
    if (table.rows() == std::numeric_limits<std::uint32_t>::max()) {
      throw InputError({file, lines.number(), 0}, "more than 4294967295 ratings", "fewer");
    }
    table.lines.note(table.rows(), lines.number());
    table.user.push(row.user);
    table.item.push(row.item);
    table.rating.push_back(row.rating);
    if (format.timestamp >= 0) table.timestamp.push_back(row.timestamp);
  }
  if (table.rows() == 0) {
    throw InputError({file, 0, 0},
                     table.bad_rows > 0 ? fmt::format("{} bad rows and no good one (the first: {})",
                                                      table.bad_rows, table.first_bad_row)
                                        : "a header and nothing below it",
                     "rows of user, item and rating");
  }
  return table;
}

}  // namespace tusk
