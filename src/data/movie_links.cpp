#include "data/movie_links.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "data/named_csv.hpp"
#include "data/text_file.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 3> kMovie = {"movieid", "movie", "id"};
constexpr std::array<std::string_view, 2> kImdb = {"imdbid", "imdb"};
constexpr std::array<std::string_view, 2> kTmdb = {"tmdbid", "tmdb"};

}  // namespace

std::int64_t film_number(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with("tt")) text.remove_prefix(2);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  return error == std::errc{} && number > 0 && (rest.empty() || rest == ".0") ? number : 0;
}

MovieLinks read_movie_links(const std::filesystem::path& folder, const IdMap& items,
                            const OpenOptions& options) {
  MovieLinks links;
  for (const char* name : {"links.csv", "links_small.csv"}) {
    if (links.file.empty() && has_bytes(folder / name, options)) links.file = folder / name;
  }
  if (links.file.empty()) return links;
  const std::string text = read_text(links.file, "a text file of links", options);
  NamedCsv csv(links.file.string(), text);
  const int movie = csv.first(kMovie);
  const int imdb = csv.first(kImdb);
  const int tmdb = csv.first(kTmdb);
  if (movie < 0 || (imdb < 0 && tmdb < 0)) {
    csv.refuse("a header with movieId and imdbId or tmdbId");
  }
  links.imdb.resize(static_cast<std::size_t>(items.size()));
  links.tmdb.resize(static_cast<std::size_t>(items.size()));
  while (csv.next()) {
    const auto item = csv.problem().empty() ? items.find(csv.field(movie)) : std::nullopt;
    if (!item) continue;
    const auto i = static_cast<std::size_t>(*item);
    links.imdb[i] = film_number(csv.field(imdb));
    links.tmdb[i] = film_number(csv.field(tmdb));
  }
  return links;
}

}  // namespace tusk
