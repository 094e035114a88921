#include "data/movie_links.hpp"

#include <array>
#include <charconv>
#include <string>

#include <tusk/error.hpp>

#include "data/csv_records.hpp"
#include "data/text_file.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 3> kMovie = {"movieid", "movie", "id"};
constexpr std::array<std::string_view, 2> kImdb = {"imdbid", "imdb"};
constexpr std::array<std::string_view, 2> kTmdb = {"tmdbid", "tmdb"};

// 114709 of "0114709", "tt0114709" and "114709.0"; 0 of anything else.
std::int64_t number_of(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with("tt")) text.remove_prefix(2);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  return error == std::errc{} && (rest.empty() || rest == ".0") ? number : 0;
}

}  // namespace

MovieLinks read_movie_links(const std::filesystem::path& folder, const IdMap& items,
                            const OpenOptions& options) {
  MovieLinks links;
  for (const char* name : {"links.csv", "links_small.csv"}) {
    if (links.file.empty() && has_bytes(folder / name)) links.file = folder / name;
  }
  if (links.file.empty()) return links;
  const std::string text = read_text(links.file, "a text file of links", options);
  CsvRecords records(text, ",");
  Fields fields;
  const bool whole = records.next() && records.split(fields);
  const int movie = first_column(fields, kMovie);
  const int imdb = first_column(fields, kImdb);
  const int tmdb = first_column(fields, kTmdb);
  if (!whole || movie < 0 || (imdb < 0 && tmdb < 0)) {
    throw InputError({links.file.string(), records.line(), 0}, in_quotes(records.text()),
                     "a header with movieId and imdbId or tmdbId");
  }
  const std::size_t columns = fields.size();
  links.imdb.resize(static_cast<std::size_t>(items.size()));
  links.tmdb.resize(static_cast<std::size_t>(items.size()));
  while (records.next()) {
    if (!records.split(fields) || fields.size() != columns) continue;
    const auto item = items.find(fields[static_cast<std::size_t>(movie)]);
    if (!item) continue;
    const auto i = static_cast<std::size_t>(*item);
    if (imdb >= 0) links.imdb[i] = number_of(fields[static_cast<std::size_t>(imdb)]);
    if (tmdb >= 0) links.tmdb[i] = number_of(fields[static_cast<std::size_t>(tmdb)]);
  }
  return links;
}

}  // namespace tusk
