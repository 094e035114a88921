#include "data/rating_format.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>

#include "data/fields.hpp"
#include "data/lines.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// The first that gives enough fields, or else any that there is: "1;2;3,5" has semicolons.
std::string recognise_delimiter(std::string_view line) {
  std::string any;
  for (const char* delimiter : {"::", "\t", ",", ";", "|"}) {
    const std::size_t fields = split_text(line, delimiter).size();
    if (fields >= 3) return delimiter;
    if (fields == 2 && any.empty()) any = delimiter;
  }
  return any;
}

struct KnownColumn {
  std::string_view field;
  std::span<const std::string_view> names;
};

constexpr std::array<std::string_view, 4> kUserNames = {"user", "userid", "uid", "users"};
constexpr std::array<std::string_view, 4> kRatingNames = {"rating", "ratings", "score", "stars"};
constexpr std::array<std::string_view, 4> kTimeNames = {"timestamp", "time", "ts", "unixtime"};

constexpr std::array<KnownColumn, 4> kKnownColumns = {{
    {"user", kUserNames},
    {"item", kItemNames},
    {"rating", kRatingNames},
    {"timestamp", kTimeNames},
}};

// The column that --columns names, by header name or by number from 1.
int named_column(const std::string& name, const Fields& first, bool header) {
  if (header) {
    const auto at = std::find(first.begin(), first.end(), name);
    if (std::count(at, first.end(), name) > 1) return kManyColumns;
    if (at != first.end()) return static_cast<int>(at - first.begin());
  }
  const auto number = parse_int(name);
  if (number && *number >= 1 && *number <= static_cast<int>(first.size())) return *number - 1;
  return kNoColumn;
}

bool is_header(const Fields& first, const ReadOptions& options) {
  if (options.header) return *options.header;
  if (!options.columns.empty()) {
    // Numbers say nothing about the first row; a name must be in it.
    const int rating = named_column(options.columns[2], first, false);
    return rating < 0 || !parse_double(first[static_cast<std::size_t>(rating)]);
  }
  return std::any_of(kKnownColumns.begin(), kKnownColumns.end(), [&](const auto& known) {
    return find_column(first, known.names) != kNoColumn;
  });
}

// A first row that is neither known as a header nor one of ratings.
bool looks_like_header(const Fields& first) {
  return std::none_of(first.begin(), first.end(),
                      [](std::string_view field) { return parse_double(field).has_value(); });
}

}  // namespace

RatingFormat recognise_format(std::string_view text, const std::string& file,
                              const ReadOptions& options) {
  if (!options.columns.empty() && (options.columns.size() < 3 || options.columns.size() > 4)) {
    throw UsageError("--columns takes 3 or 4 columns: user,item,rating[,timestamp]");
  }
  Lines lines(text);
  std::string_view line;
  do {
    if (!lines.next(line)) {
      throw InputError({file, 0, 0}, "nothing but blank lines", "rows of user, item and rating");
    }
  } while (trimmed(line).empty());
  const TextPosition first_line{file, lines.number(), 0};

  RatingFormat format;
  format.delimiter = options.delimiter.empty() ? recognise_delimiter(line) : options.delimiter;
  Fields first;
  if (format.delimiter.empty()) {
    throw InputError(first_line, in_quotes(line),
                     "user, item and rating between tabs, ',', '::', ';' or '|' (or what "
                     "--delimiter says)");
  }
  if (!split_fields(line, format.delimiter, first)) {
    throw InputError(first_line, in_quotes(line), "quotes closed before the next delimiter");
  }
  if (first.size() < 3 || first.size() > kMostFields) {
    throw InputError(
        first_line,
        fmt::format("{} field{} in {}", first.size(), first.size() == 1 ? "" : "s",
                    in_quotes(line)),
        fmt::format("3 to {} fields: user, item, rating and perhaps a timestamp", kMostFields));
  }
  format.header = is_header(first, options);
  format.fields = static_cast<int>(first.size());

  const std::array<int*, 4> column = {&format.user, &format.item, &format.rating,
                                      &format.timestamp};
  const std::string found = fmt::format("the columns {}", in_quotes(line));
  if (!options.columns.empty()) {
    for (std::size_t c = 0; c < options.columns.size(); ++c) {
      *column[c] = named_column(options.columns[c], first, format.header);
      if (*column[c] < 0) {
        throw InputError(first_line, found,
                         fmt::format("{} column {} as --columns says",
                                     *column[c] == kNoColumn ? "a" : "one single",
                                     in_quotes(options.columns[c])));
      }
      if (std::any_of(&column[0], &column[c], [&](int* other) { return *other == *column[c]; })) {
        throw UsageError(fmt::format("--columns names column {} twice", *column[c] + 1));
      }
    }
  } else if (format.header) {
    for (std::size_t c = 0; c < column.size(); ++c) {
      const auto& [field, names] = kKnownColumns[c];
      *column[c] = find_column(first, names);
      if (*column[c] == kManyColumns || (*column[c] == kNoColumn && c < 3)) {
        throw InputError(first_line, found,
                         fmt::format("one named {} for the {} (or say where it is with --columns)",
                                     fmt::join(names, ", "), field));
      }
    }
  } else if (!options.header && looks_like_header(first)) {
    throw InputError(first_line, found,
                     "a header that names user, item and rating (or say where they are with "
                     "--columns), or rows of ratings (or say --header no)");
  } else if (format.fields >= 4) {
    format.timestamp = 3;
  }
  return format;
}

}  // namespace tusk
