#include "data/movies_dataset.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>

#include "data/catalogue_builder.hpp"
#include "data/csv_records.hpp"
#include "data/python_literal.hpp"
#include "data/text_file.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

using ItemsByFilm = std::unordered_map<std::int64_t, std::vector<Index>>;

// A file with a header, of which named columns are wanted.
class NamedColumns {
 public:
  NamedColumns(const std::filesystem::path& file, const std::string& text,
               std::initializer_list<std::string_view> names)
      : records_(text, ",") {
    const bool whole = records_.next() && records_.split(fields_);
    for (const std::string_view name : names) {
      const auto at = std::find(fields_.begin(), fields_.end(), name);
      if (!whole || at == fields_.end()) {
        throw InputError({file.string(), records_.line(), 0}, in_quotes(records_.text()),
                         fmt::format("a header with {}", fmt::join(names, ", ")));
      }
      columns_.push_back(static_cast<std::size_t>(at - fields_.begin()));
    }
    count_ = fields_.size();
  }

  bool next() {
    if (!records_.next()) return false;
    good_ = records_.split(fields_) && fields_.size() == count_;
    return true;
  }

  // Whether the record has as many fields as the header.
  bool good() const { return good_; }
  std::size_t count() const { return count_; }
  std::size_t found() const { return fields_.size(); }
  // By the place of the column's name.
  std::string operator[](std::size_t name) const { return records_.field(fields_[columns_[name]]); }
  const CsvRecords& record() const { return records_; }

 private:
  CsvRecords records_;
  Fields fields_;
  std::vector<std::size_t> columns_;
  std::size_t count_ = 0;
  bool good_ = false;
};

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, "|"));
}

ItemsByFilm items_by_film(const MovieLinks& links) {
  ItemsByFilm items;
  for (std::size_t i = 0; i < links.tmdb.size(); ++i) {
    if (links.tmdb[i] != 0) items[links.tmdb[i]].push_back(static_cast<Index>(i));
  }
  return items;
}

void read_keywords(const std::filesystem::path& file, const ItemsByFilm& items,
                   const OpenOptions& options, CatalogueBuilder& catalogue) {
  const std::string text = read_text(file, "a text file of keywords", options);
  NamedColumns rows(file, text, {"id", "keywords"});
  while (rows.next()) {
    const auto film = rows.good() ? parse_int(rows[0]) : std::nullopt;
    const auto names = film ? python_names(rows[1]) : std::nullopt;
    const auto found = film ? items.find(*film) : items.end();
    if (!names || found == items.end()) continue;
    for (const Index item : found->second) catalogue.add_keywords(item, joined(*names));
  }
}

}  // namespace

Catalogue read_movies_metadata(const std::filesystem::path& file, const IdMap& items,
                               const MovieLinks& links, const OpenOptions& options,
                               TitlesReport& report) {
  if (links.file.empty()) {
    throw InputError({file.string(), 0, 0}, "films by their ids at The Movie Database",
                     "links.csv or links_small.csv beside it, which has the films' movieId");
  }
  const ItemsByFilm by_film = items_by_film(links);
  const std::string text = read_text(file, "a text file of films", options);
  CatalogueBuilder catalogue(file, items, report);
  NamedColumns rows(file, text, {"id", "title", "genres", "overview", "release_date", "vote_count"});
  while (rows.next()) {
    const CsvRecords& record = rows.record();
    if (!rows.good()) {
      catalogue.bad(record.line(), record.text(),
                    fmt::format("{} fields, not {}", rows.count(), rows.found()));
      continue;
    }
    const auto film = parse_int(rows[0]);
    const auto genres = python_names(rows[2]);
    if (!film || !genres) {
      catalogue.bad(record.line(), record.text(),
                    film ? "a list of genres" : "a film's number in the column id");
      continue;
    }
    CatalogueRow row;
    row.year = year_of(rows[4]);
    row.title = with_year(to_utf8(rows[1]), row.year);
    row.genres = joined(*genres);
    row.text = to_utf8(rows[3]);
    row.votes = static_cast<std::int64_t>(parse_double(rows[5]).value_or(0));
    const auto found = by_film.find(*film);
    catalogue.add(found == by_film.end() ? std::vector<Index>() : found->second, std::move(row));
  }
  const auto keywords = file.parent_path() / "keywords.csv";
  if (has_bytes(keywords)) {
    try {
      read_keywords(keywords, by_film, options, catalogue);
    } catch (const InputError& error) {
      report.problems.emplace_back(error.what());
    }
  }
  return catalogue.finish();
}

}  // namespace tusk
