#include "data/rating_parser.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "data/fields.hpp"
#include "data/lines.hpp"
#include "data/plain_row.hpp"
#include "data/table_format.hpp"
#include "data/table_row.hpp"
#include "data/time_field.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

struct TextRow {
  std::string_view user;
  std::string_view item;
  float rating = 0;
  double rounding = 0;  // how far the rating is from what is written
  TimeField time = TimeField::read;
  std::int64_t timestamp = kNoTime;
};

class RowParser {
 public:
  RowParser(const RatingFormat& format, const ReadOptions& options)
      : format_(format), options_(options), row_(format_.delimiter, format_.fields) {}

  // The ids of `row` are valid until the next call.
  std::optional<BadRow> parse(std::string_view line, bool line_ended, TextRow& row) {
    if (auto bad = row_.split(line, line_ended)) return bad;
    if (auto bad = row_.id(format_.user(), "user", user_text_, row.user)) return bad;
    if (auto bad = row_.id(format_.item(), "item", item_text_, row.item)) return bad;
    if (auto bad = parse_rating(row)) return bad;
    if (format_.timestamp() >= 0) {
      row.time = parse_time(row_.field(format_.timestamp()), row.timestamp);
      if (row.time != TimeField::read) row.timestamp = kNoTime;
    }
    return std::nullopt;
  }

  // What is wrong with the time of the row that was parsed last.
  BadRow bad_time() const {
    return row_.bad_field(format_.timestamp(), "timestamp",
                          "seconds since 1970 or a date such as 2005-09-01T10:00:00Z");
  }

 private:
  std::optional<BadRow> parse_rating(TextRow& row) const {
    const auto text = row_.field(format_.rating());
    float& rating = row.rating;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rating);
    const bool whole = end == text.data() + text.size() && !text.empty();
    if (error == std::errc{} && whole && is_rating(rating, options_)) {
      rating += 0.0f;  // -0 becomes 0
      constexpr std::size_t kExactDigits = 7;
      if (text.size() > kExactDigits) {
        row.rounding = std::abs(parse_double(text).value_or(rating) - rating);
      }
      return std::nullopt;
    }
    return row_.bad_field(format_.rating(), "rating", expected_rating(options_));
  }

  const RatingFormat& format_;
  const ReadOptions& options_;
  TableRow row_;
  std::string user_text_;
  std::string item_text_;
};

// What is wrong with a row, and its line, from 1, in its piece of text.
struct BadLine {
  std::int64_t line = 0;
  BadRow what;
};

struct ParsedPiece {
  RatingChunk chunk;
  std::int64_t lines = 0;
  std::int64_t bad_rows = 0;
  std::optional<BadLine> first_bad;
  std::int64_t missing_times = 0;
  std::int64_t unreadable_times = 0;
  std::optional<BadLine> first_unreadable_time;
  double largest_rounding = 0;
};

// The rows that a piece of `bytes` will have, from the length of its first lines, and some more.
std::size_t estimated_rows(std::string_view text, std::uint64_t bytes) {
  const auto head = text.substr(0, 64 << 10);
  const auto lines = std::count(head.begin(), head.end(), '\n');
  const double rows = static_cast<double>(lines + 1) * static_cast<double>(bytes) /
                      static_cast<double>(head.size());
  return static_cast<std::size_t>(1.05 * rows);
}

class PieceParser {
 public:
  PieceParser(const RatingFormat& format, const ReadOptions& options, IdDictionaries& ids)
      : timed_(format.timestamp() >= 0),
        options_(options),
        ids_(ids),
        scanner_(format),
        parser_(format, options) {}

  // `bytes`: of the whole piece.
  ParsedPiece parse(LineBlocks blocks, std::uint64_t bytes,
                    const std::function<void(std::int64_t)>& on_parsed) {
    ParsedPiece parsed;
    for (auto block = blocks.next(); !block.empty(); block = blocks.next()) {
      if (parsed.lines == 0) reserve(parsed.chunk, estimated_rows(block, bytes));
      if (!parse_block(block, parsed)) break;
      on_parsed(std::ssize(block));
    }
    return parsed;
  }

 private:
  void reserve(RatingChunk& chunk, std::size_t rows) const {
    chunk.user.reserve(rows);
    chunk.item.reserve(rows);
    chunk.rating.reserve(rows);
    if (timed_) chunk.timestamp.reserve(rows);
  }

  // False if parsing is to end.
  bool parse_block(std::string_view block, ParsedPiece& parsed) {
    static_assert(LineBlocks::kPadding >= PlainRowScanner::kReadAhead);
    // Lines that end before this can be scanned; npos + 1 is 0.
    const char* const last = block.data() + (block.rfind('\n') + 1);
    const char* at = block.data();
    PlainRow plain;
    while (at < block.data() + block.size()) {
      const char* const next = at < last ? scanner_.scan(at, plain) : nullptr;
      if (next != nullptr && (!options_.scale || options_.scale->contains(plain.rating))) {
        ++parsed.lines;
        push(parsed.chunk, plain.user, plain.item, plain.rating, whole_seconds(plain.timestamp));
        at = next;
        continue;
      }
      Lines lines(block.substr(static_cast<std::size_t>(at - block.data())));
      std::string_view line;
      lines.next(line);
      ++parsed.lines;
      if (!parse_line(line, lines.ended(), parsed)) return false;
      at = lines.rest().data();
    }
    return true;
  }

  // False if parsing is to end.
  bool parse_line(std::string_view line, bool ended, ParsedPiece& parsed) {
    if (trimmed(line).empty()) return true;
    TextRow row;
    if (auto bad = parser_.parse(line, ended, row)) {
      if (parsed.bad_rows++ == 0) parsed.first_bad = BadLine{parsed.lines, std::move(*bad)};
      return options_.on_bad == BadRows::skip;
    }
    parsed.largest_rounding = std::max(parsed.largest_rounding, row.rounding);
    if (row.time == TimeField::missing) ++parsed.missing_times;
    if (row.time == TimeField::unreadable && parsed.unreadable_times++ == 0) {
      parsed.first_unreadable_time = BadLine{parsed.lines, parser_.bad_time()};
    }
    push(parsed.chunk, row.user, row.item, row.rating, row.timestamp);
    return true;
  }

  template <class Id>
  void push(RatingChunk& chunk, Id user, Id item, float rating, std::int64_t timestamp) const {
    chunk.user.push_back(ids_.users.number(user));
    chunk.item.push_back(ids_.items.number(item));
    chunk.rating.push_back(rating);
    if (timed_) chunk.timestamp.push_back(timestamp);
  }

  bool timed_;
  const ReadOptions& options_;
  IdDictionaries& ids_;
  PlainRowScanner scanner_;
  RowParser parser_;
};

}  // namespace

bool is_rating(float rating, const ReadOptions& options) {
  return std::abs(rating) <= kLargestRating && (!options.scale || options.scale->contains(rating));
}

std::string expected_rating(const ReadOptions& options) {
  const RatingScale scale = options.scale.value_or(RatingScale{-kLargestRating, kLargestRating});
  return fmt::format("a number from {:g} to {:g}", scale.low, scale.high);
}

RatingText::RatingText(const TextFile& file, const RatingFormat& format, const ReadOptions& options,
                       std::uint64_t bytes_per_piece)
    : file_(file),
      format_(format),
      options_(options),
      bytes_per_piece_(bytes_per_piece),
      rows_begin_(file.head_begin()) {
  const TableBody body = table_body(file.head(), format.header);
  rows_begin_ += file.head().size() - body.rows.size();
  lines_above_ = body.lines_above;
}

ParsedRatings RatingText::parse(ThreadPool& threads,
                                const std::function<void(std::int64_t)>& on_parsed) const {
  const std::uint64_t bytes = file_.file().size() - rows_begin_;
  const auto pieces = static_cast<std::int64_t>((bytes + bytes_per_piece_ - 1) / bytes_per_piece_);
  std::vector<ParsedPiece> parsed(static_cast<std::size_t>(pieces));
  ParsedRatings ratings;
  ratings.ids.resize(static_cast<std::size_t>(threads.threads()));
  // With an error in one piece those behind it need no parsing.
  std::atomic<std::int64_t> last = pieces;
  threads.parallel_for(pieces, [&](std::int64_t p, int thread) {
    if (p > last) return;
    const auto number = static_cast<std::size_t>(p);
    const auto ids = static_cast<std::size_t>(thread);
    const std::uint64_t begin = rows_begin_ + number * bytes_per_piece_;
    parsed[number] =
        PieceParser(format_, options_, ratings.ids[ids])
            .parse(blocks(begin, begin + bytes_per_piece_), bytes_per_piece_, on_parsed);
    parsed[number].chunk.ids = ids;
    if (!parsed[number].first_bad || options_.on_bad == BadRows::skip) return;
    for (std::int64_t before = last; p < before && !last.compare_exchange_weak(before, p);) {
    }
  });

  std::int64_t lines = lines_above_;
  std::size_t rows = 0;
  for (ParsedPiece& part : parsed) {
    const auto as_error = [&](const BadLine& at) {
      return InputError({file_.name(), lines + at.line, at.what.column}, at.what.found,
                        at.what.expected);
    };
    if (part.first_bad && ratings.bad_rows == 0) {
      const InputError error = as_error(*part.first_bad);
      if (options_.on_bad == BadRows::error) throw error;
      ratings.first_bad_row = error.what();
    }
    if (part.first_unreadable_time && ratings.unreadable_times == 0) {
      ratings.first_unreadable_time = as_error(*part.first_unreadable_time).what();
    }
    ratings.bad_rows += part.bad_rows;
    ratings.missing_times += part.missing_times;
    ratings.unreadable_times += part.unreadable_times;
    ratings.largest_rounding = std::max(ratings.largest_rounding, part.largest_rounding);
    lines += part.lines;
    rows += part.chunk.rows();
    ratings.chunks.push_back(std::move(part.chunk));
  }
  if (rows > std::numeric_limits<std::uint32_t>::max()) {
    throw InputError({file_.name(), 0, 0}, fmt::format("{} ratings", rows), "at most 4294967295");
  }
  if (rows == 0) {
    throw InputError({file_.name(), 0, 0},
                     ratings.bad_rows > 0 ? fmt::format("{} and no good one (the first: {})",
                                                        count_text(ratings.bad_rows, "bad row"),
                                                        ratings.first_bad_row)
                                          : "a header and nothing below it",
                     "rows of user, item and rating");
  }
  return ratings;
}

std::vector<std::int64_t> RatingText::lines_of(std::string_view user, std::string_view item) const {
  std::vector<std::int64_t> numbers;
  RowParser parser(format_, options_);
  std::int64_t number = lines_above_;
  LineBlocks all = blocks(rows_begin_, file_.file().size());
  for (auto block = all.next(); !block.empty(); block = all.next()) {
    Lines lines(block);
    TextRow row;
    for (std::string_view line; lines.next(line);) {
      ++number;
      if (trimmed(line).empty() || parser.parse(line, lines.ended(), row)) continue;
      if (row.user == user && row.item == item) numbers.push_back(number);
    }
  }
  return numbers;
}

}  // namespace tusk
