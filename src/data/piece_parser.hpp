// Parsing a piece of a text file of ratings.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>

#include "data/id_dictionary.hpp"
#include "data/plain_row.hpp"
#include "data/rating_format.hpp"
#include "data/row_parser.hpp"
#include "data/text_file.hpp"

namespace tusk {

// Of those parts of a file that one thread has parsed. Apart in memory from those of others.
struct alignas(64) IdDictionaries {
  IdDictionary users;
  IdDictionary items;
};

// The rows of a part of a file, in its order.
struct RatingChunk {
  std::size_t ids = 0;              // whose dictionaries, of ParsedRatings
  std::vector<std::uint32_t> user;  // numbers of these dictionaries
  std::vector<std::uint32_t> item;
  std::vector<float> rating;
  std::vector<std::int64_t> timestamp;  // empty if the file has no column of times
  // Instead of these two, of rows that are in memory already.
  std::span<const float> borrowed_rating;
  std::span<const std::int64_t> borrowed_timestamp;

  std::size_t rows() const { return user.size(); }
  std::span<const float> ratings() const {
    return rating.empty() ? borrowed_rating : std::span<const float>(rating);
  }
  std::span<const std::int64_t> timestamps() const {
    return timestamp.empty() ? borrowed_timestamp : std::span<const std::int64_t>(timestamp);
  }
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
  std::int64_t unrated = 0;
  std::int64_t missing_times = 0;
  std::int64_t unreadable_times = 0;
  std::optional<BadLine> first_unreadable_time;
  double largest_rounding = 0;
};

// Used for one piece. A file whose rows depend on those above them is one piece. Everything is
// borrowed.
class PieceParser {
 public:
  PieceParser(const RatingFormat& format, const ReadOptions& options, IdDictionaries& ids);

  // `bytes`: of the whole piece.
  ParsedPiece parse(LineBlocks blocks, std::uint64_t bytes,
                    const std::function<void(std::int64_t)>& on_parsed);

  // Calls `visit` with the user, item, and line (in the text, from 1) of each good row.
  void visit_ids(LineBlocks blocks,
                 const std::function<void(std::string_view user, std::string_view item,
                                          std::int64_t line)>& visit);

 private:
  void reserve(RatingChunk& chunk, std::size_t rows) const;
  // Each false if parsing is to end.
  bool parse_block(std::string_view block);
  bool parse_line(std::string_view line, bool ended);
  bool add(const std::optional<BadRow>& bad, const TextRow& row);
  bool add_matrix_row(std::string_view line, bool ended);

  template <class Id>
  void push(Id user, Id item, float rating, std::int64_t timestamp);

  const RatingFormat& format_;
  const ReadOptions& options_;
  IdDictionaries& ids_;
  PlainRowScanner scanner_;
  RowParser parser_;
  bool timed_;
  bool any_rating_;  // no number is refused
  ParsedPiece parsed_;
  std::string block_item_;  // FileLayout::netflix: the item of the block
  std::int64_t users_ = 0;  // FileLayout::matrix: rows
  std::function<void(std::string_view, std::string_view, std::int64_t)> visit_;
};

}  // namespace tusk
