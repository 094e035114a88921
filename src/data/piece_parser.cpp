#include "data/piece_parser.hpp"

#include <algorithm>
#include <utility>

#include "data/lines.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// The rows that a piece of `bytes` will have, from the length of its first lines, and some more.
std::size_t estimated_rows(std::string_view text, std::uint64_t bytes) {
  const auto head = text.substr(0, 64 << 10);
  const auto lines = std::count(head.begin(), head.end(), '\n');
  const double rows = static_cast<double>(lines + 1) * static_cast<double>(bytes) /
                      static_cast<double>(head.size());
  return static_cast<std::size_t>(1.05 * rows);
}

}  // namespace

PieceParser::PieceParser(const RatingFormat& format, const ReadOptions& options,
                         IdDictionaries& ids)
    : format_(format),
      options_(options),
      ids_(ids),
      scanner_(format),
      parser_(format, options),
      timed_(format.timestamp() >= 0),
      any_rating_(!options.scale && !options.implicit && !format.unrated) {}

ParsedPiece PieceParser::parse(LineBlocks blocks, std::uint64_t bytes,
                               const std::function<void(std::int64_t)>& on_parsed) {
  for (auto block = blocks.next(); !block.empty(); block = blocks.next()) {
    if (parsed_.lines == 0) reserve(parsed_.chunk, estimated_rows(block, bytes));
    if (!parse_block(block)) break;
    on_parsed(std::ssize(block));
  }
  return std::move(parsed_);
}

void PieceParser::visit_ids(
    LineBlocks blocks,
    const std::function<void(std::string_view, std::string_view, std::int64_t)>& visit) {
  visit_ = visit;
  for (auto block = blocks.next(); !block.empty(); block = blocks.next()) {
    Lines lines(block);
    for (std::string_view line; lines.next(line);) {
      ++parsed_.lines;
      parse_line(line, lines.ended());
    }
  }
}

void PieceParser::reserve(RatingChunk& chunk, std::size_t rows) const {
  chunk.user.reserve(rows);
  chunk.item.reserve(rows);
  chunk.rating.reserve(rows);
  if (timed_) chunk.timestamp.reserve(rows);
}

template <class Id>
void PieceParser::push(Id user, Id item, float rating, std::int64_t timestamp) {
  parsed_.chunk.user.push_back(ids_.users.number(user));
  parsed_.chunk.item.push_back(ids_.items.number(item));
  parsed_.chunk.rating.push_back(rating);
  if (timed_) parsed_.chunk.timestamp.push_back(timestamp);
}

bool PieceParser::parse_block(std::string_view block) {
  static_assert(LineBlocks::kPadding >= PlainRowScanner::kReadAhead);
  // Lines that end before this can be scanned; npos + 1 is 0.
  const char* const last = block.data() + (block.rfind('\n') + 1);
  const char* at = block.data();
  PlainRow plain;
  while (at < block.data() + block.size()) {
    const char* const next = at < last ? scanner_.scan(at, plain) : nullptr;
    if (next != nullptr && (any_rating_ || parser_.accepts(plain.rating))) {
      ++parsed_.lines;
      push(plain.user, plain.item, plain.rating, whole_seconds(plain.timestamp));
      at = next;
      continue;
    }
    Lines lines(block.substr(static_cast<std::size_t>(at - block.data())));
    std::string_view line;
    lines.next(line);
    ++parsed_.lines;
    if (!parse_line(line, lines.ended())) return false;
    at = lines.rest().data();
  }
  return true;
}

bool PieceParser::parse_line(std::string_view line, bool ended) {
  if (trimmed(line).empty()) return true;
  if (format_.kind == FileLayout::matrix) return add_matrix_row(line, ended);
  TextRow row;
  if (format_.kind == FileLayout::netflix) {
    std::string_view item;
    if (is_netflix_item(line, item)) {
      block_item_ = item;
      return true;
    }
    if (block_item_.empty()) {
      return add(BadRow{1, in_quotes(line), "an item and a colon, above its ratings"}, row);
    }
    row.item = block_item_;
  }
  const auto bad = parser_.parse(line, ended, row);
  return add(bad, row);
}

bool PieceParser::add(const std::optional<BadRow>& bad, const TextRow& row) {
  if (bad) {
    if (parsed_.bad_rows++ == 0) parsed_.first_bad = BadLine{parsed_.lines, *bad};
    return options_.on_bad == BadRows::skip;
  }
  if (row.unrated) {
    ++parsed_.unrated;
    return true;
  }
  if (visit_) {
    visit_(row.user, row.item, parsed_.lines);
    return true;
  }
  parsed_.largest_rounding = std::max(parsed_.largest_rounding, row.rounding);
  if (row.time == TimeField::missing) ++parsed_.missing_times;
  if (row.time == TimeField::unreadable && parsed_.unreadable_times++ == 0) {
    parsed_.first_unreadable_time = BadLine{parsed_.lines, parser_.bad_time()};
  }
  push(row.user, row.item, row.rating, row.timestamp);
  return true;
}

bool PieceParser::add_matrix_row(std::string_view line, bool ended) {
  TextRow row;
  const std::string user = std::to_string(++users_);
  if (const auto bad = parser_.split(line, ended)) return add(bad, row);
  for (int item = 1; item < format_.fields; ++item) {
    const std::string item_id = std::to_string(item);
    row = {user, item_id};
    const auto bad = parser_.parse_rating(item, row);
    if (!add(bad, row)) return false;
  }
  return true;
}

}  // namespace tusk
