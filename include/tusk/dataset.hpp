// Ratings in memory, and reading them from files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tusk/communicator.hpp>
#include <tusk/observer.hpp>
#include <tusk/text_table.hpp>
#include <tusk/types.hpp>

namespace tusk {

// The two-way map between ids as the user knows them and dense indices. Ids that are all decimal
// integers ("196", not "007") are kept as numbers and ordered as numbers; if any is not, all are
// kept as text and ordered byte by byte. So the indices do not depend on the order of a file.
class IdMap {
 public:
  IdMap() = default;
  // Both take ids in rising order without repeats; InputError otherwise.
  explicit IdMap(std::vector<std::int64_t> numbers);
  explicit IdMap(TextTable texts);

  Index size() const;
  bool numeric() const { return std::holds_alternative<Numbers>(ids_); }
  std::optional<Index> find(std::string_view id) const;
  std::optional<Index> find(std::int64_t id) const { return find(std::to_string(id)); }
  // Of each id, kNone for one that is not there.
  std::vector<Index> find(std::span<const std::string> ids) const;
  std::string id(Index index) const;

  const std::vector<std::int64_t>& numbers() const { return std::get<Numbers>(ids_); }
  const TextTable& texts() const { return std::get<TextTable>(ids_); }

 private:
  using Numbers = std::vector<std::int64_t>;
  std::variant<Numbers, TextTable> ids_;
};

// What is known of the items beside ratings, one entry per item.
struct Catalogue {
  TextTable title;
  TextTable genres;  // "Action|Comedy"
  // Each of these is empty where a data set names none for any item.
  TextTable text = {};                   // a description: the overview of a film, say
  TextTable keywords = {};               // "jealousy|toy"
  std::vector<std::int32_t> year = {};   // of release; 0: not known
  std::vector<std::int64_t> votes = {};  // that others gave the item elsewhere
  std::vector<std::int64_t> imdb = {};   // 114709 of tt0114709; 0: not known
  std::vector<std::int64_t> tmdb = {};   // the id at The Movie Database; 0: not known
  TextTable tags = {};  // that users gave, "pixar|toys|pixar"; no part of a model file
};

// An item's year of release: the catalogue's, else that in parentheses at the end of its title; 0:
// not known.
int item_year(const Catalogue& catalogue, Index item);

// The time of a rating that has none. Splits by time and Duplicates::latest take such a rating for
// older than any that has one.
inline constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();

// Ratings beyond this, either way, are refused: predictions could overflow.
inline constexpr float kLargestRating = 1e15f;

// How a file holds ratings.
enum class FileLayout {
  table,       // a row a rating
  json_lines,  // a JSON object a line
  netflix,     // the Netflix Prize: an item and a colon, below it a row for each of its users
  matrix,      // Jester: a row a user, a column an item, behind the number of the user's ratings
};

std::string_view to_string(FileLayout layout);  // "table", "json-lines", "netflix", "matrix"

// What the columns of a text file were taken for.
struct TableLayout {
  struct Column {
    std::string field;  // "user", "item", "rating", "timestamp"
    int number = 0;     // in the file, from 1
    std::string name;   // in the header; empty without one
  };
  std::string delimiter;  // " ": runs of blanks; "\n": the line is one field
  bool header = false;
  std::vector<Column> columns;
  FileLayout kind = FileLayout::table;
};

// What the file of titles beside the ratings gave. Titles never stop reading.
struct TitlesReport {
  std::filesystem::path file;            // empty: there is none that can be used
  std::int64_t rows = 0;                 // of the file
  std::int64_t matched = 0;              // items of the data that it names
  std::int64_t bad_rows = 0;             // rows skipped
  std::string first_bad_row;             // the message of the first of them
  std::vector<std::int64_t> bad_lines;   // of the file, where the first ten of them begin
  std::vector<std::string> problems;     // why files of titles could not be used
  std::vector<std::string> unknown_ids;  // the first ids in the file that are no item's
};

enum class BadRows { error, skip };
enum class Duplicates { latest, last, mean, sum, error };
// By these names. Both throw UsageError.
BadRows parse_bad_rows(std::string_view text);
Duplicates parse_duplicates(std::string_view text);

// What reading files met besides good ratings.
struct ReadReport {
  std::int64_t rows = 0;        // rows with a rating, duplicates included
  std::int64_t duplicates = 0;  // rows given up because their user and item came again
  Duplicates on_duplicate = Duplicates::latest;  // which of them counts
  std::int64_t bad_rows = 0;                     // rows skipped by BadRows::skip
  std::string first_bad_row;                     // the message of the first of them
  std::int64_t missing_times = 0;                // rows whose time is empty
  std::int64_t unreadable_times = 0;  // rows whose time is no time; they have kNoTime, too
  std::string first_unreadable_time;  // the message of the first of them
  double largest_rounding = 0;        // the most by which a rating differs from what is written
  bool counting_first_row = false;    // the first row of ratings reads 0, 1, 2, ...
  std::int64_t unrated = 0;           // entries left out because their value means "not rated"
  float unrated_value = 0;            // that value, where the layout has one
  bool implicit = false;              // the ratings are weights
  std::int64_t files = 1;             // that hold the ratings
  TableLayout layout;
  TitlesReport titles;
};

struct ReadOptions;

// Ids in memory, of users or of items.
using IdColumn = std::variant<std::span<const std::int64_t>, std::span<const std::string>>;

struct Dataset {
  // Rating k is that of items[k] by users[k], at timestamps[k] if there are any, in seconds since
  // 1970 or kNoTime. Everything is copied. Of `options` those count that do not describe a file.
  // Throws UsageError for columns of different lengths and InputError, which names the row, counted
  // from 0, for a value that read_dataset() would refuse.
  static Dataset from_arrays(const IdColumn& users, const IdColumn& items,
                             std::span<const float> ratings,
                             std::span<const std::int64_t> timestamps = {});
  static Dataset from_arrays(const IdColumn& users, const IdColumn& items,
                             std::span<const float> ratings,
                             std::span<const std::int64_t> timestamps, const ReadOptions& options);

  std::filesystem::path source;  // the file that the ratings came from; empty without one
  IdMap users;
  IdMap items;
  std::vector<std::int64_t> offset;  // [users + 1]
  std::vector<Index> item;           // by user, ascending
  std::vector<float> rating;
  // Seconds since 1970, or kNoTime; empty if no rating has a time.
  std::vector<std::int64_t> timestamp;
  RatingScale scale;
  Catalogue catalogue;
  ReadReport report;
  // Where several processes share the ratings: those of some users that follow each other are here,
  // the other users have none, and the catalogue is with the first process. The rest is the same on
  // all of them. Null: everything is here.
  std::shared_ptr<Communicator> processes;

  CsrView ratings() const { return {offset, item, rating, items.size()}; }
  std::int64_t size() const { return static_cast<std::int64_t>(rating.size()); }
};

// How a text file of rows is laid out.
struct TableOptions {
  // What separates fields: "\t", ",", ";", "|", "::" or any other text; " " is any run of blanks.
  // Empty: recognised.
  std::string delimiter;
  // Where the columns are: names in the header or numbers from 1; an empty name leaves out one that
  // is not required. Empty: by the header's names, or in the order that they have without a header.
  std::vector<std::string> columns;
  // Whether the first row names the columns. Unset: recognised.
  std::optional<bool> header;
  // As in ReadOptions.
  std::string encoding = {};
};

struct ReadOptions {
  // As in TableOptions. The columns are user, item, rating and, if given, timestamp.
  std::string delimiter;
  std::vector<std::string> columns;
  std::optional<bool> header;
  BadRows on_bad = BadRows::error;
  // Which of several ratings of one item by one user counts: that with the latest timestamp (the
  // last in the file where there is none or they are equal), the last in the file, their mean or
  // their sum. Unset: the latest, and of weights the sum.
  std::optional<Duplicates> on_duplicate;
  // A rating off this scale is a bad row. Unset: the lowest and highest rating found.
  std::optional<RatingScale> scale;
  // Ratings are weights above 0, such as counts; 1 where the file has no column of them.
  bool implicit = false;
  // The encoding of the files: a name that iconv knows, or latin-1. Empty: UTF-8, or UTF-16 where
  // the first bytes show it.
  std::string encoding;
  // A file of titles to use in place of those beside the ratings; unusable, it is an error.
  std::filesystem::path titles;
  // Where in it id, title and, if given, genres, year and text are, as `columns`; an empty name
  // leaves one out. Empty: by the names in its header.
  std::vector<std::string> title_columns;
  int threads = 0;  // 0 takes all; the result does not depend on it
  // Processes that share a file of ratings, which each of them can open: each reads a part of it
  // and gets the ratings of some users.
  std::shared_ptr<Communicator> processes = nullptr;
};

// "1:5". Throws UsageError.
RatingScale parse_scale(std::string_view text);

// A time as files of ratings write it, in seconds since 1970. Throws UsageError.
std::int64_t parse_timestamp(std::string_view text);

// Reads a file of ratings ("-" is standard input), or a folder or zip archive that has ratings.csv,
// u.data, ratings.dat or another file that docs/data.md lists, with the catalogue beside it
// (movies.csv, u.item, movies.dat, movies_metadata.csv, ...). Files may be packed by gzip, zstd,
// bzip2, xz or zip. Times are seconds, milliseconds,
// microseconds or nanoseconds since 1970, or dates (2005-09-01, 2005-09-01T10:00:00Z); fractions of
// seconds are cut off. A time that cannot be read is an error only where Duplicates::latest needs
// it, and in splits by time. The observer is asked to stop by any thread, several at a time, and
// told of progress by any thread, one at a time. Throws InputError, Interrupted.
Dataset read_dataset(const std::filesystem::path& path, const ReadOptions& options = {},
                     const Observer& observer = {});

// A 64-bit hash (XXH3) of labels, as 16 hexadecimal digits.
std::string labels_hash(std::span<const Label> label);
// The same of ids and ratings.
std::string dataset_hash(const Dataset& data);

}  // namespace tusk
