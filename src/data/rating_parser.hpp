// Parsing the rows of a text file of ratings, on many threads.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>

#include "data/id_dictionary.hpp"
#include "data/rating_format.hpp"
#include "data/text_file.hpp"
#include "support/thread_pool.hpp"

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

  std::size_t rows() const { return rating.size(); }
};

struct ParsedRatings {
  std::vector<IdDictionaries> ids;
  std::vector<RatingChunk> chunks;  // in the file's order
  std::int64_t bad_rows = 0;
  std::string first_bad_row;
  // See ReadReport.
  std::int64_t missing_times = 0;
  std::int64_t unreadable_times = 0;
  std::string first_unreadable_time;
  double largest_rounding = 0;
};

// Whether a rating is one that can be used and is on the scale of the options, and what is expected
// if not.
bool is_rating(float rating, const ReadOptions& options);
std::string expected_rating(const ReadOptions& options);

class RatingText {
 public:
  // The rows of a file, which is borrowed as the rest is. They are parsed in pieces of about so
  // many bytes.
  RatingText(const TextFile& file, const RatingFormat& format, const ReadOptions& options,
             std::uint64_t bytes_per_piece = 16 << 20);

  // Parses all rows. Throws InputError at the first bad row unless options.on_bad is skip, and if
  // there is no good row at all. Calls `on_parsed`, from any thread, with counts of bytes that are
  // done with.
  ParsedRatings parse(ThreadPool& threads,
                      const std::function<void(std::int64_t bytes)>& on_parsed) const;

  // The lines, from 1, of the ratings of an item by a user.
  std::vector<std::int64_t> lines_of(std::string_view user, std::string_view item) const;

 private:
  LineBlocks blocks(std::uint64_t begin, std::uint64_t end) const {
    return {file_.file(), rows_begin_, begin, end};
  }

  const TextFile& file_;
  const RatingFormat& format_;
  const ReadOptions& options_;
  std::uint64_t bytes_per_piece_;
  std::uint64_t rows_begin_;  // in the file, below the header
  std::int64_t lines_above_ = 0;
};

}  // namespace tusk
