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
#include "data/table_row.hpp"
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
  TableRow row({format->delimiter, format->fields});
  Lines lines(body.rows);
  std::vector<std::string> items;
  std::vector<float> ratings;
  std::string storage;
  for (std::string_view line; lines.next(line);) {
    if (trimmed(line).empty()) continue;
    const auto check = [&](const std::optional<BadRow>& bad) {
      if (!bad) return;
      throw InputError({file, body.lines_above + lines.number(), bad->column}, bad->found,
                       bad->expected);
    };
    check(row.split(line, lines.ended()));
    std::string_view id;
    check(row.id(format->column[0], "item", storage, id));
    items.emplace_back(id);
    const auto number = parse_double(row.field(format->column[1]));
    ratings.push_back(static_cast<float>(number.value_or(0)));
    if (!number || !is_rating(ratings.back(), options)) {
      check(row.bad_field(format->column[1], options.implicit ? "weight" : "rating",
                          expected_rating(options)));
    }
  }
  if (items.empty()) {
    throw InputError({file, 0, 0}, "a header and nothing below it",
                     fmt::format("rows of {}", kind.row));
  }
  const std::vector<std::string> users(items.size(), "me");
  ReadOptions values;
  values.implicit = options.implicit;
  Dataset data = Dataset::from_arrays(std::span<const std::string>(users),
                                      std::span<const std::string>(items), ratings, {}, values);
  data.source = path;
  data.report.layout = format->layout(kind);
  return data;
}

}  // namespace tusk
