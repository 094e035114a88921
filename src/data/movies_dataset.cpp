#include "data/movies_dataset.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>

#include "data/catalogue_builder.hpp"
#include "data/named_csv.hpp"
#include "data/python_literal.hpp"
#include "data/text_file.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

using ItemsByFilm = std::unordered_map<std::int64_t, std::vector<Index>>;

// The columns of these names.
template <std::size_t Count>
std::array<int, Count> columns_of(const NamedCsv& csv,
                                  const std::array<std::string_view, Count>& names) {
  std::array<int, Count> columns{};
  for (std::size_t c = 0; c < Count; ++c) {
    columns[c] = csv.column(names[c]);
    if (columns[c] == kNoColumn)
      csv.refuse(fmt::format("a header with {}", fmt::join(names, ", ")));
  }
  return columns;
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, "|"));
}

// 5415 of "5415.0"; 0 of what is no count.
std::int64_t count_of(std::string_view text) {
  constexpr double kMost = 1e15;
  const double count = parse_double(text).value_or(0);
  return 0 < count && count <= kMost ? static_cast<std::int64_t>(count) : 0;
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
  NamedCsv csv(file.string(), text);
  const auto [id, list] = columns_of(csv, std::array<std::string_view, 2>{"id", "keywords"});
  while (csv.next()) {
    const auto film = csv.problem().empty() ? parse_int(csv.field(id)) : std::nullopt;
    const auto names = film ? python_names(csv.field(list)) : std::nullopt;
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
  NamedCsv csv(file.string(), text);
  const auto [id, title, genre_list, overview, date, votes] =
      columns_of(csv, std::array<std::string_view, 6>{"id", "title", "genres", "overview",
                                                      "release_date", "vote_count"});
  while (csv.next()) {
    if (const std::string problem = csv.problem(); !problem.empty()) {
      catalogue.bad(csv.line(), csv.text(), problem);
      continue;
    }
    const auto film = parse_int(csv.field(id));
    const auto genres = python_names(csv.field(genre_list));
    if (!film || !genres) {
      catalogue.bad(csv.line(), csv.text(),
                    film ? "a list of genres" : "a film's number in the column id");
      continue;
    }
    CatalogueRow row;
    row.year = year_of(csv.field(date));
    row.title = with_year(csv.field(title), row.year);
    row.genres = joined(*genres);
    row.text = csv.field(overview);
    row.votes = count_of(csv.field(votes));
    const auto found = by_film.find(*film);
    catalogue.add(found == by_film.end() ? std::vector<Index>() : found->second, std::move(row));
  }
  const auto keywords = file.parent_path() / "keywords.csv";
  if (has_bytes(keywords, options)) {
    try {
      read_keywords(keywords, by_film, options, catalogue);
    } catch (const InputError& error) {
      report.problems.emplace_back(error.what());
    }
  }
  return catalogue.finish();
}

}  // namespace tusk
