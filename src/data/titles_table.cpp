#include "data/titles_table.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "data/catalogue_builder.hpp"
#include "data/csv_records.hpp"
#include "data/table_format.hpp"
#include "data/text_file.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::string_view kBookTitle = "booktitle";

// Those of items in files of ratings, and then "id".
constexpr auto kMoreIds = [] {
  std::array<std::string_view, kOtherItemNames.size() + 1> names = {};
  std::copy(kOtherItemNames.begin(), kOtherItemNames.end(), names.begin());
  names.back() = "id";
  return names;
}();
constexpr std::array<std::string_view, 2> kMoreTitles = {kBookTitle, "originaltitle"};
constexpr std::array<std::string_view, 2> kMoreGenres = {"categories", "category"};
constexpr std::array<std::string_view, 5> kTextNames = {"text", "overview", "description", "plot",
                                                        "summary"};

constexpr std::array<KnownColumn, 5> kTitleColumns = {{{"id", kItemNames, kMoreIds},
                                                       {"title", kTitleNames, kMoreTitles},
                                                       {"genres", kGenreNames, kMoreGenres},
                                                       {"year", kYearNames},
                                                       {"text", kTextNames}}};

const TableKind kTitles = {
    "id and title", kTitleColumns, 2, kNoColumn, ", perhaps genres, year and text",
    "title-columns"};

// BX-Books.csv of Book-Crossing.
bool has_book_titles(const TableFormat& format) {
  const Fields names(format.names.begin(), format.names.end());
  return format.delimiter == ";" && first_column(names, std::span(&kBookTitle, 1)) != kNoColumn;
}

}  // namespace

Catalogue read_titles_table(const std::filesystem::path& file, const IdMap& items,
                            const std::vector<std::string>& columns, const OpenOptions& options,
                            TitlesReport& report) {
  const std::string text = read_text(file, "a text file of titles", options);
  // Without columns only a header tells what is what.
  const auto header = columns.empty() ? std::optional(true) : std::nullopt;
  const TableFormat format =
      recognise_table(text, shown_name(file), kTitles, {{}, columns, header});
  const TableBody body = table_body(text, format.header);
  CatalogueBuilder catalogue(file, items, report);
  CsvRecords records(body.rows, format.delimiter,
                     has_book_titles(format) ? Quotes::after_backslash : Quotes::doubled,
                     body.lines_above);
  Fields fields;
  while (records.next()) {
    if (!records.split(fields) || static_cast<int>(fields.size()) != format.fields) {
      catalogue.bad(records.line(), records.text(), fmt::format("{} fields", format.fields));
      continue;
    }
    const auto field = [&](std::size_t c) {
      const int at = format.column[c];
      return at < 0 ? std::string() : to_utf8(records.field(fields[static_cast<std::size_t>(at)]));
    };
    CatalogueRow row;
    row.year = year_of(field(3));
    row.title = with_year(field(1), row.year);
    row.genres = field(2);
    row.text = field(4);
    catalogue.add(field(0), std::move(row));
  }
  return catalogue.finish();
}

}  // namespace tusk
