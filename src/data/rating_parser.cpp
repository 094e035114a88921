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
#include "support/text.hpp"

namespace tusk {
namespace {

// What is wrong with a row.
struct BadRow {
  std::int64_t column = 0;  // in the line, from 1
  std::string found;
  std::string expected;
};

struct TextRow {
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
  std::optional<BadRow> parse(std::string_view line, bool line_ended, TextRow& row) {
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

// A row that is bad and its line, from 1, in its piece of text.
struct BadLine {
  std::int64_t line = 0;
  BadRow what;
};

struct ParsedPiece {
  RatingChunk chunk;
  std::int64_t lines = 0;
  std::int64_t bad_rows = 0;
  std::optional<BadLine> first_bad;
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
      : timed_(format.timestamp >= 0),
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
        push(parsed.chunk, plain.user, plain.item, plain.rating, plain.timestamp);
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

RatingText::RatingText(const TextFile& file, const RatingFormat& format, const ReadOptions& options,
                       std::uint64_t bytes_per_piece)
    : file_(file),
      format_(format),
      options_(options),
      bytes_per_piece_(bytes_per_piece),
      rows_begin_(file.head_begin()) {
  if (!format.header) return;
  Lines lines(file.head());
  std::string_view line;
  while (lines.next(line) && trimmed(line).empty()) {
  }
  rows_begin_ += file.head().size() - lines.rest().size();
  lines_above_ = lines.number();
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
    if (part.first_bad && ratings.bad_rows == 0) {
      const auto& [line, bad] = *part.first_bad;
      const InputError error({file_.name(), lines + line, bad.column}, bad.found, bad.expected);
      if (options_.on_bad == BadRows::error) throw error;
      ratings.first_bad_row = error.what();
    }
    ratings.bad_rows += part.bad_rows;
    lines += part.lines;
    rows += part.chunk.rows();
    ratings.chunks.push_back(std::move(part.chunk));
  }
  if (rows > std::numeric_limits<std::uint32_t>::max()) {
    throw InputError({file_.name(), 0, 0}, fmt::format("{} ratings", rows), "at most 4294967295");
  }
  if (rows == 0) {
    throw InputError({file_.name(), 0, 0},
                     ratings.bad_rows > 0
                         ? fmt::format("{} bad rows and no good one (the first: {})",
                                       ratings.bad_rows, ratings.first_bad_row)
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
