// Parsing the rows of a text file of ratings, on many threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "data/piece_parser.hpp"
#include "data/rating_format.hpp"
#include "data/text_file.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

struct ParsedRatings {
  std::vector<IdDictionaries> ids;
  std::vector<RatingChunk> chunks;  // in the file's order; those of this process's part
  // Of all processes that share the file.
  std::int64_t rows = 0;
  std::int64_t bad_rows = 0;
  std::string first_bad_row;
  std::int64_t unrated = 0;
  // See ReadReport.
  std::int64_t missing_times = 0;
  std::int64_t unreadable_times = 0;
  std::string first_unreadable_time;
  double largest_rounding = 0;
};

// Files of one layout and without a header, and how they are opened.
struct MoreFiles {
  std::span<const std::filesystem::path> paths;
  OpenOptions open;
};

class RatingText {
 public:
  // The rows of a file, which is borrowed as the rest is, and then those of `more` files of the
  // same layout. Rows of a table and JSON lines are parsed in pieces of about so many bytes.
  RatingText(const TextFile& file, const RatingFormat& format, const ReadOptions& options,
             std::uint64_t bytes_per_piece = 16 << 20, MoreFiles more = {});

  // Parses all rows. Throws InputError at the first bad row unless options.on_bad is skip, and if
  // there is no good row at all. Calls `on_parsed`, from any thread, with counts of bytes that are
  // done with.
  ParsedRatings parse(ThreadPool& threads,
                      const std::function<void(std::int64_t bytes)>& on_parsed) const;

  // Where the ratings of an item by a user are.
  std::vector<TextPosition> places_of(std::string_view user, std::string_view item) const;

 private:
  struct Piece {
    std::size_t file = 0;  // 0: file_; f: more_.paths[f - 1]
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };
  std::vector<Piece> pieces() const;
  std::string name(std::size_t file) const;
  // Calls `work` with the lines of a piece, whose file is open meanwhile.
  template <class Work>
  auto with_lines(const Piece& piece, const Work& work) const;
  static std::int64_t lines_before(std::span<const Piece> pieces,
                                   std::span<const ParsedPiece> parsed, Communicator* processes);
  void add(const Piece& piece, std::int64_t lines_above, ParsedPiece& part,
           ParsedRatings& ratings) const;

  const TextFile& file_;
  const RatingFormat& format_;
  const ReadOptions& options_;
  std::uint64_t bytes_per_piece_;
  MoreFiles more_;
  std::uint64_t rows_begin_;  // in the file, below the header
  std::int64_t lines_above_ = 0;
};

}  // namespace tusk
