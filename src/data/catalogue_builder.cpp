#include "data/catalogue_builder.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/text.hpp"
#include "support/title_year.hpp"

namespace tusk {
namespace {

constexpr std::size_t kMostUnknownIds = 1000;
constexpr std::size_t kMostBadLines = 10;

std::int32_t year_behind(std::string_view title) { return take_year(title); }

// A column of the rows; empty if none has a value there.
template <class Value>
std::vector<Value> numbers(const std::vector<CatalogueRow>& rows, Value CatalogueRow::*field) {
  std::vector<Value> column;
  for (const CatalogueRow& row : rows) column.push_back(row.*field);
  const bool any = std::any_of(column.begin(), column.end(), [](Value v) { return v != 0; });
  return any ? column : std::vector<Value>();
}

TextTable texts(const std::vector<CatalogueRow>& rows, std::string CatalogueRow::*field) {
  TextTable table;
  for (const CatalogueRow& row : rows) table.push_back(row.*field);
  return table;
}

TextTable texts_if_any(const std::vector<CatalogueRow>& rows, std::string CatalogueRow::*field) {
  TextTable table = texts(rows, field);
  return table.bytes().empty() ? TextTable() : table;
}

}  // namespace

CatalogueBuilder::CatalogueBuilder(std::filesystem::path file, const IdMap& items,
                                   TitlesReport& report)
    : file_(std::move(file)),
      items_(items),
      report_(report),
      rows_(static_cast<std::size_t>(items.size())) {}

void CatalogueBuilder::add(std::string_view id, CatalogueRow row) {
  const auto item = items_.find(trimmed(id));
  if (item) return add(std::vector<Index>{*item}, std::move(row));
  add(std::vector<Index>(), {});
  if (report_.unknown_ids.size() < kMostUnknownIds) {
    report_.unknown_ids.emplace_back(trimmed(id));
  }
}

void CatalogueBuilder::add(const std::vector<Index>& items, CatalogueRow row) {
  ++report_.rows;
  if (row.genres == "(no genres listed)") row.genres.clear();
  if (row.year == 0) row.year = year_behind(row.title);
  for (const Index item : items) {
    CatalogueRow& known = rows_[static_cast<std::size_t>(item)];
    std::string keywords = std::move(known.keywords);
    known = row;
    if (known.keywords.empty()) known.keywords = std::move(keywords);
  }
}

void CatalogueBuilder::add_keywords(Index item, std::string keywords) {
  rows_[static_cast<std::size_t>(item)].keywords = std::move(keywords);
}

void CatalogueBuilder::bad(std::int64_t line, std::string_view found, std::string expected) {
  if (report_.bad_lines.size() < kMostBadLines) report_.bad_lines.push_back(line);
  if (report_.bad_rows++ > 0) return;
  const InputError error({file_.string(), line, 0}, in_quotes(found), std::move(expected));
  report_.first_bad_row = error.what();
}

Catalogue CatalogueBuilder::finish() {
  if (report_.rows == 0) {
    throw InputError({file_.string(), 0, 0},
                     report_.bad_rows > 0
                         ? "no good row; the first bad one: " + report_.first_bad_row
                         : "no row",
                     "rows of id, title and genres");
  }
  report_.file = file_;
  report_.matched = std::count_if(rows_.begin(), rows_.end(),
                                  [](const CatalogueRow& row) { return !row.title.empty(); });
  Catalogue catalogue;
  catalogue.title = texts(rows_, &CatalogueRow::title);
  catalogue.genres = texts(rows_, &CatalogueRow::genres);
  catalogue.text = texts_if_any(rows_, &CatalogueRow::text);
  catalogue.keywords = texts_if_any(rows_, &CatalogueRow::keywords);
  catalogue.year = numbers(rows_, &CatalogueRow::year);
  catalogue.votes = numbers(rows_, &CatalogueRow::votes);
  return catalogue;
}

std::int32_t year_of(std::string_view text) {
  text = trimmed(text);
  constexpr std::size_t kDigits = 4;
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  return digits == kDigits ? parse_int(text.substr(0, kDigits)).value_or(0) : 0;
}

std::string with_year(std::string title, std::int32_t year) {
  if (year == 0 || title.empty() || year_behind(title) != 0) return title;
  return fmt::format("{} ({})", title, year);
}

}  // namespace tusk
