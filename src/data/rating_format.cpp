#include "data/rating_format.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include <tusk/parameters.hpp>

#include "data/lines.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 4> kRatingNames = {"rating", "ratings", "score", "stars"};
constexpr std::array<std::string_view, 6> kTimeNames = {"timestamp", "time", "ts",
                                                        "unixtime",  "date", "datetime"};

constexpr std::array<KnownColumn, 4> kColumns = {{
    {"user", kUserNames},
    {"item", kItemNames},
    {"rating", kRatingNames},
    {"timestamp", kTimeNames},
}};

const TableKind kRatings = {"user, item and rating", kColumns, 3, 2};

// Blocks of the Netflix Prize: an item and a colon, and below it a user, a rating and a date a
// line.
void refuse_netflix_blocks(std::string_view text, const std::string& file) {
  Lines lines(text);
  std::string_view line;
  while (lines.next(line) && trimmed(line).empty()) {
  }
  line = trimmed(line);
  if (line.size() < 2 || !line.ends_with(':') ||
      line.find_first_not_of("0123456789") != line.size() - 1) {
    return;
  }
  throw InputError({file, lines.number(), 0},
                   "an item and a colon, as in files of the Netflix Prize",
                   "rows of user, item and rating (convert it first: awk -F, '/:$/ {sub(\":\", "
                   "\"\"); i = $0; next} {print $1 \",\" i \",\" $2 \",\" $3}' FILE > NEW)");
}

}  // namespace

RatingFormat recognise_format(std::string_view text, const std::string& file,
                              const ReadOptions& options) {
  refuse_netflix_blocks(text, file);
  return {
      recognise_table(text, file, kRatings, {options.delimiter, options.columns, options.header})};
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

TableLayout RatingFormat::layout() const { return TableFormat::layout(kRatings); }

}  // namespace tusk
