// A catalogue in the making: rows of files of titles, by the ids of items.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>

namespace tusk {

// Names that headers give columns; see fields.hpp.
inline constexpr std::array<std::string_view, 4> kTitleNames = {"title", "titles", "name",
                                                                "movietitle"};
inline constexpr std::array<std::string_view, 2> kGenreNames = {"genres", "genre"};
inline constexpr std::array<std::string_view, 5> kYearNames = {
    "year", "releaseyear", "yearofpublication", "releasedate", "originalpublicationyear"};

// What a row says of one item; empty and 0: nothing.
struct CatalogueRow {
  std::string title;
  std::string genres;
  std::string text;
  std::string keywords;
  std::int32_t year = 0;
  std::int64_t votes = 0;
};

class CatalogueBuilder {
 public:
  // From a file of titles. Items and report are borrowed.
  CatalogueBuilder(std::filesystem::path file, const IdMap& items, TitlesReport& report);

  // The row of the item with this id, or of one that is no item of the data. Without a year of its
  // own the row has that of its title: "Toy Story (1995)".
  void add(std::string_view id, CatalogueRow row);
  // The same for items that are known to have the row.
  void add(const std::vector<Index>& items, CatalogueRow row);
  void add_keywords(Index item, std::string keywords);

  // A row that cannot be used: counted, and the first are reported.
  void bad(std::int64_t line, std::string_view found, std::string expected);

  // Throws InputError if no row was good.
  Catalogue finish();

 private:
  std::filesystem::path file_;
  const IdMap& items_;
  TitlesReport& report_;
  std::vector<CatalogueRow> rows_;  // by item
};

// The year at the beginning of a date or number ("1995-10-30", "1995.0"); 0 if there is none.
std::int32_t year_of(std::string_view text);

// A title with its year behind it, as MovieLens writes it; as it is if it has one, or without one.
std::string with_year(std::string title, std::int32_t year);

}  // namespace tusk
