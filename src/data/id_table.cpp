#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/id_table.hpp>

#include "data/lines.hpp"
#include "data/table_format.hpp"
#include "data/table_row.hpp"
#include "data/text_file.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 2> kIdNames = {"id", "ids"};

// Names, and those of a column that is alone.
template <std::size_t Names>
constexpr auto with_id_names(const std::array<std::string_view, Names>& names) {
  std::array<std::string_view, Names + kIdNames.size()> all;
  std::copy(names.begin(), names.end(), all.begin());
  std::copy(kIdNames.begin(), kIdNames.end(), all.begin() + Names);
  return all;
}

constexpr auto kUserListNames = with_id_names(kUserNames);
constexpr auto kItemListNames = with_id_names(kItemNames);
constexpr std::array<KnownColumn, 2> kPair = {{{"user", kUserNames}, {"item", kItemNames}}};
constexpr std::array<KnownColumn, 1> kUsers = {{{"user", kUserListNames}}};
constexpr std::array<KnownColumn, 1> kItems = {{{"item", kItemListNames}}};

// By IdRows.
constexpr std::array<TableKind, 3> kKinds = {{{"user and item", kPair, 2},
                                              {"users' ids, one a line", kUsers, 1},
                                              {"items' ids, one a line", kItems, 1}}};

}  // namespace

IdTable read_id_table(const std::filesystem::path& path, IdRows rows, const TableOptions& options) {
  const TableKind& kind = kKinds[static_cast<std::size_t>(rows)];
  const std::string file = shown_name(path);
  const std::string text =
      read_text(path, fmt::format("a text file of {}", kind.row), {options.encoding, {}});
  const TableFormat format = recognise_table(text, file, kind, options);
  const TableBody body = table_body(text, format.header);
  IdTable table;
  table.path = path;
  table.rows = rows;
  table.layout = format.layout(kind);
  table.column.resize(kind.required);
  TableRow row({format.delimiter, format.fields});
  Lines lines(body.rows);
  std::string storage;
  for (std::string_view line; lines.next(line);) {
    if (trimmed(line).empty()) continue;
    const std::int64_t number = body.lines_above + lines.number();
    const auto check = [&](const std::optional<BadRow>& bad) {
      if (bad) throw InputError({file, number, bad->column}, bad->found, bad->expected);
    };
    check(row.split(line, lines.ended()));
    for (std::size_t c = 0; c < kind.required; ++c) {
      std::string_view id;
      check(row.id(format.column[c], kind.columns[c].field, storage, id));
      table.column[c].emplace_back(id);
    }
    table.line.push_back(number);
  }
  if (table.line.empty()) {
    throw InputError({file, 0, 0}, "a header and nothing below it",
                     fmt::format("rows of {}", kind.row));
  }
  return table;
}

}  // namespace tusk
