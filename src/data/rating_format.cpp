#include "data/rating_format.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/parameters.hpp>
#include <tusk/rating_columns.hpp>

#include "data/lines.hpp"
#include "data/table_format.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::string_view kBookCrossingRating = "bookrating";

constexpr std::array<std::string_view, 4> kRatingNames = {"rating", "ratings", "score", "stars"};
constexpr std::array<std::string_view, 2> kOtherRatingNames = {kBookCrossingRating, "overall"};
constexpr std::array<std::string_view, 9> kWeightNames = {
    "count", "counts", "plays", "playcount", "weight", "clicks", "views", "quantity", "frequency"};
constexpr std::array<std::string_view, 5> kOtherWeightNames = {"rating", "ratings", "score",
                                                               "stars", kBookCrossingRating};
constexpr std::array<std::string_view, 6> kTimeNames = {"timestamp", "time", "ts",
                                                        "unixtime",  "date", "datetime"};
constexpr std::array<std::string_view, 1> kOtherTimeNames = {"unixreviewtime"};

constexpr std::array<KnownColumn, 4> kColumns = {{
    {"user", kUserNames, kOtherUserNames},
    {"item", kItemNames, kOtherItemNames},
    {"rating", kRatingNames, kOtherRatingNames},
    {"timestamp", kTimeNames, kOtherTimeNames},
}};
constexpr std::array<KnownColumn, 4> kImplicitColumns = {{
    {"user", kUserNames, kOtherUserNames},
    {"item", kItemNames, kOtherItemNames},
    {"rating", kWeightNames, kOtherWeightNames},
    {"timestamp", kTimeNames, kOtherTimeNames},
}};

const TableKind kRatings = {"user, item and rating", kColumns, 3, 2, " and perhaps a timestamp"};
const TableKind kWeights = {"user, item and perhaps a weight", kImplicitColumns, 2};
const TableKind kOwnRatings = {"item and rating", std::span(kColumns).subspan(1), 2, 1};
const TableKind kOwnWeights = {"item and weight", std::span(kImplicitColumns).subspan(1), 2, 1};

std::string_view first_row(std::string_view text, std::int64_t& number) {
  Lines lines(text);
  std::string_view line;
  while (lines.next(line) && trimmed(line).empty()) {
  }
  number = lines.number();
  return trimmed(line);
}

// What describes a table alone.
void refuse_table_options(const ReadOptions& options, const std::string& what) {
  if (options.columns.empty() && options.delimiter.empty() && !options.header) return;
  throw ParameterError("columns",
                       fmt::format("describes tables, as do {} and {}; this is {}",
                                   option_name("delimiter"), option_name("header"), what));
}

RatingFormat netflix_format(const ReadOptions& options) {
  refuse_table_options(options, "a file of the Netflix Prize");
  RatingFormat format;
  format.kind = FileLayout::netflix;
  format.delimiter = ",";
  format.fields = 3;
  format.column = {0, kNoColumn, 1, 2};
  return format;
}

// Jester: the number of jokes that the user rated, then a rating of each joke, -10 .. 10, or 99.
constexpr float kJesterUnrated = 99;

bool is_matrix(const Fields& row) {
  constexpr std::size_t kFewestItems = 20;
  if (row.size() <= kFewestItems) return false;
  int rated = 0;
  for (std::size_t item = 1; item < row.size(); ++item) {
    const auto rating = parse_double(row[item]);
    if (!rating || (*rating != kJesterUnrated && std::abs(*rating) > 10)) return false;
    if (*rating != kJesterUnrated) ++rated;
  }
  return parse_int(row[0]) == rated;
}

std::optional<RatingFormat> matrix_format(std::string_view line, const ReadOptions& options) {
  Fields fields;
  for (const char* delimiter : {",", ";", "\t", " "}) {
    if (!options.delimiter.empty() && options.delimiter != delimiter) continue;
    if (!split_fields(line, delimiter, fields) || !is_matrix(fields)) continue;
    RatingFormat format;
    format.kind = FileLayout::matrix;
    format.delimiter = delimiter;
    format.fields = static_cast<int>(fields.size());
    format.column.assign(kColumns.size(), kNoColumn);
    format.unrated = kJesterUnrated;
    return format;
  }
  return std::nullopt;
}

bool is_json(std::string_view line) {
  return line.starts_with("{\"") || line.starts_with("{ \"") || line == "{}";
}

// Whether a row of the text has the key.
bool has_key(std::string_view text, const std::string& key) {
  Lines lines(text);
  for (std::string_view line; lines.next(line);) {
    const auto keys = json_keys(trimmed(line));
    if (keys && std::find(keys->begin(), keys->end(), key) != keys->end()) return true;
  }
  return false;
}

// The place of a column among names, or kNoColumn, or kManyColumns.
int place_of(const KnownColumn& column, const Fields& names) {
  const int at = first_column(names, column.names);
  return at == kNoColumn ? first_column(names, column.other_names) : at;
}

// `text` begins with the row `line`.
RatingFormat json_format(std::string_view text, std::string_view line, const TextPosition& where,
                         const TableKind& kind, const ReadOptions& options) {
  const auto keys = json_keys(line);
  if (!keys) throw InputError(where, in_quotes(line), "a JSON object a line");
  std::vector<std::string> names = options.columns;
  if (!names.empty() && (names.size() < kind.required || names.size() > kind.columns.size())) {
    throw ParameterError("columns", "takes the keys of user, item, rating and perhaps timestamp");
  }
  // Times may be missing; without any other field no row is of use.
  for (std::size_t c = 0; c < std::min<std::size_t>(names.size(), 3); ++c) {
    if (names[c].empty() || has_key(text, names[c])) continue;
    throw InputError(
        where,
        fmt::format("no key {} (the keys are {})", in_quotes(names[c]), fmt::join(*keys, ", ")),
        fmt::format("the keys that {} names", option_name("columns")));
  }
  if (names.empty()) {
    const Fields header(keys->begin(), keys->end());
    for (std::size_t c = 0; c < kind.columns.size(); ++c) {
      const int at = place_of(kind.columns[c], header);
      if (at < 0 && c < kind.required) {
        throw InputError(where, fmt::format("the keys {}", fmt::join(*keys, ", ")),
                         fmt::format("one named {} for the {} (or say which with {})",
                                     fmt::join(kind.columns[c].names, ", "), kind.columns[c].field,
                                     option_name("columns")));
      }
      names.push_back(at < 0 ? "" : (*keys)[static_cast<std::size_t>(at)]);
    }
  }
  names.resize(kind.columns.size());
  RatingFormat format;
  format.kind = FileLayout::json_lines;
  format.fields = static_cast<int>(names.size());
  for (std::size_t c = 0; c < names.size(); ++c) {
    format.column.push_back(names[c].empty() ? kNoColumn : static_cast<int>(c));
  }
  format.row.keys = std::move(names);
  return format;
}

// Files of Book-Crossing: BX-Book-Ratings.csv and what was made of it.
bool is_book_crossing(const TableFormat& table) {
  const Fields names(table.names.begin(), table.names.end());
  return table.column[2] != kNoColumn &&
         first_column(names, std::span(&kBookCrossingRating, 1)) == table.column[2];
}

void set_row_style(RatingFormat& format) {
  format.row.delimiter = format.delimiter;
  format.row.fields = format.fields;
}

RatingFormat table_ratings(std::string_view text, const std::string& file, const TableKind& kind,
                           const ReadOptions& options) {
  return rating_format(
      recognise_table(text, file, kind, {options.delimiter, options.columns, options.header}),
      options);
}

}  // namespace

RatingFormat rating_format(TableFormat table, const ReadOptions& options) {
  RatingFormat format{std::move(table)};
  set_row_style(format);
  if (is_book_crossing(format)) {
    format.row.quotes = Quotes::after_backslash;
    format.row.latin1_ids = options.encoding.empty();
    format.unrated = 0;
  }
  return format;
}

const TableKind& own_ratings_kind(bool implicit) { return implicit ? kOwnWeights : kOwnRatings; }

std::string_view to_string(FileLayout layout) {
  constexpr std::array<std::string_view, 4> kNames = {"table", "json-lines", "netflix", "matrix"};
  return kNames[static_cast<std::size_t>(layout)];
}

bool is_netflix_item(std::string_view line, std::string_view& item) {
  line = trimmed(line);
  if (line.size() < 2 || !line.ends_with(':') ||
      line.find_first_not_of("0123456789") != line.size() - 1) {
    return false;
  }
  item = line.substr(0, line.size() - 1);
  return true;
}

RatingFormat recognise_format(std::string_view text, const std::string& file,
                              const ReadOptions& options) {
  const TableKind& kind = options.implicit ? kWeights : kRatings;
  TextPosition where{file, 0, 0};
  const std::string_view line = first_row(text, where.line);
  RatingFormat format;
  std::string_view item;
  if (is_netflix_item(line, item)) {
    format = netflix_format(options);
  } else if (is_json(line)) {
    format = json_format(text, line, where, kind, options);
  } else if (auto matrix = matrix_format(line, options)) {
    format = std::move(*matrix);
  } else {
    format = table_ratings(text, file, kind, options);
  }
  set_row_style(format);
  return format;
}

std::array<Index, 4> find_rating_columns(std::span<const std::string> names, bool implicit) {
  const Fields fields(names.begin(), names.end());
  std::array<Index, 4> places{};
  for (std::size_t c = 0; c < places.size(); ++c) {
    const int at = place_of((implicit ? kWeights : kRatings).columns[c], fields);
    places[c] = at < 0 ? kNone : at;
  }
  return places;
}

RatingScale parse_scale(std::string_view text) {
  const auto parts = split_text(text, ":");
  const auto low = parse_double(parts.front());
  const auto high = parts.size() == 2 ? parse_double(parts[1]) : std::nullopt;
  const RatingScale scale{static_cast<float>(low.value_or(0)),
                          static_cast<float>(high.value_or(0))};
  if (!low || !high || !std::isfinite(scale.low) || !std::isfinite(scale.high) ||
      scale.low >= scale.high) {
    throw ParameterError("scale", fmt::format("{} is not LOW:HIGH, such as 1:5", short_text(text)));
  }
  return scale;
}

TableLayout RatingFormat::layout() const {
  TableLayout layout = TableFormat::layout(kRatings);
  layout.kind = kind;
  if (row.keys.empty()) return layout;
  for (TableLayout::Column& named : layout.columns) {
    named.name = row.keys[static_cast<std::size_t>(named.number - 1)];
  }
  return layout;
}

}  // namespace tusk
