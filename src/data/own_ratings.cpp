#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/new_users.hpp>

#include "data/lines.hpp"
#include "data/rating_format.hpp"
#include "data/row_parser.hpp"
#include "data/text_file.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// The layout of such a table; nothing if the text may be another.
std::optional<TableFormat> own_format(std::string_view text, const std::string& file,
                                      const TableKind& kind, const ReadOptions& options) {
  // Two columns of weights are those of users and items.
  const bool two_given = !options.implicit && options.columns.size() == 2;
  if (!options.columns.empty() && !two_given) return std::nullopt;
  std::optional<TableFormat> format;
  try {
    format =
        recognise_table(text, file, kind, {options.delimiter, options.columns, options.header});
  } catch (const InputError&) {
    return std::nullopt;  // whoever reads it as ratings of users says what is wrong with it
  }
  if (two_given) return format;
  if (!format->header && (options.implicit || format->fields != 2)) return std::nullopt;
  // A column that is not known may be that of users.
  const auto known = std::ranges::count_if(format->column, [](int c) { return c != kNoColumn; });
  return known == format->fields ? format : std::nullopt;
}

}  // namespace

std::optional<Dataset> read_own_ratings(const std::filesystem::path& path,
                                        const ReadOptions& options) {
  const TableKind& kind = own_ratings_kind(options.implicit);
  const std::string file = shown_name(path);
  const std::string text =
      read_text(path, fmt::format("a text file of {}", kind.row), {options.encoding, {}});
  const auto format = own_format(text, file, kind, options);
  if (!format) return std::nullopt;
  const TableBody body = table_body(text, format->header);
  TableFormat table = *format;
  table.column.insert(table.column.begin(), kNoColumn);  // of users
  const RatingFormat rows = rating_format(std::move(table), options);
  RowParser parser(rows, options);
  Lines lines(body.rows);
  std::vector<std::string> items;
  std::vector<float> ratings;
  std::vector<std::int64_t> times;
  TextRow row;
  for (std::string_view line; lines.next(line);) {
    if (trimmed(line).empty()) continue;
    if (const auto bad = parser.parse(line, lines.ended(), row)) {
      throw InputError({file, body.lines_above + lines.number(), bad->column}, bad->found,
                       bad->expected);
    }
    if (row.unrated) continue;
    items.emplace_back(row.item);
    ratings.push_back(row.rating);
    if (rows.timestamp() >= 0) times.push_back(row.timestamp);
  }
  if (items.empty()) {
    throw InputError({file, 0, 0}, "a header and nothing below it",
                     fmt::format("rows of {}", kind.row));
  }
  const std::vector<std::string> users(items.size(), "me");
  ReadOptions values;
  values.implicit = options.implicit;
  Dataset data = Dataset::from_arrays(std::span<const std::string>(users),
                                      std::span<const std::string>(items), ratings, times, values);
  data.source = path;
  data.report.layout = format->layout(kind);
  return data;
}

}  // namespace tusk
