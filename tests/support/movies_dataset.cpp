#include "tests/support/movies_dataset.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include <fmt/format.h>

namespace tusk::test {
namespace {

constexpr int kFilms = 40;
constexpr int kUsers = 30;
constexpr int kWithoutTmdb = 38;
constexpr int kWithoutMetadata = 39;

constexpr const char* kHeader =
    "adult,belongs_to_collection,budget,genres,homepage,id,imdb_id,original_language,"
    "original_title,overview,popularity,poster_path,production_companies,production_countries,"
    "release_date,revenue,runtime,spoken_languages,status,tagline,title,video,vote_average,"
    "vote_count\n";

bool is_broken(int film) { return film % 10 == 5 && film < 30; }

std::string genres(int film) {
  return film % 2 == 0 ? "\"[{'id': 16, 'name': 'Animation'}, {'id': 35, 'name': 'Comedy'}]\""
                       : "\"[{'id': 18, 'name': 'Drama'}]\"";
}

// Columns 10 .. 23, behind the overview.
std::string columns_behind(int film) {
  return fmt::format(
      "21.946943,/rhIRbceoE9lR4veEXuwCC2wARtG.jpg,\"[{{'name': 'Pixar Animation Studios', 'id': "
      "3}}]\",\"[{{'iso_3166_1': 'US', 'name': 'United States of America'}}]\",{}-10-30,373554033,"
      "81.0,\"[{{'iso_639_1': 'en', 'name': 'English'}}]\",Released,\"A tagline, with a comma\","
      "\"Film {}\",False,7.7,{}\n",
      1960 + film, film, 100 * film);
}

std::string metadata_row(int film) {
  const char* const collection =
      film == 1 ? "\"{'id': 10194, 'name': \"\"The Film's Collection\"\", 'poster_path': None}\""
                : "";
  const std::string begin =
      fmt::format("False,{},30000000,{},http://example.com/{},{},tt{:07},en,Film {},", collection,
                  genres(film), film, 100 + film, 200 + film, film);
  if (is_broken(film)) {
    // In pandas the first half lacks its columns, and in the second they are shifted.
    return begin + "An overview that ends here,\n - Written by somebody,0.065736," +
           fmt::format(
               "/poster.jpg,\"[{{'name': 'Carousel Productions', 'id': 11176}}]\",\"[]\","
               "1997-08-{:02},0,104.0,\"[]\",Released,,Film {},False,6.0,1\n",
               film, film);
  }
  return begin +
         fmt::format("\"Overview of film {}, said to be \"\"good\"\".\n\nSecond paragraph.\",",
                     film) +
         columns_behind(film);
}

std::string ratings(int users) {
  std::string text = "userId,movieId,rating,timestamp\n";
  for (int user = 1; user <= users; ++user) {
    for (int film = 1; film <= kFilms; ++film) {
      if ((user + film) % 3 == 0) continue;
      text += fmt::format("{},{},{:.1f},{}\n", user, film, 0.5 + (user * film) % 10 * 0.5,
                          1'260'759'144 + user * 1'000 + film);
    }
  }
  return text;
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

MoviesDataset write_movies_dataset(const std::filesystem::path& folder) {
  MoviesDataset written;
  std::string metadata = kHeader;
  std::string keywords = "id,keywords\n";
  std::string links = "movieId,imdbId,tmdbId\n";
  for (int film = 1; film <= kFilms; ++film) {
    links += film == kWithoutTmdb ? fmt::format("{},{:07},\n", film, 200 + film)
                                  : fmt::format("{},{:07},{}\n", film, 200 + film, 100 + film);
    keywords += fmt::format(
        "{},\"[{{'id': 931, 'name': 'jealousy'}}, {{'id': 4290, 'name': \"\"child's toy\"\"}}]\"\n",
        100 + film);
    if (film == kWithoutMetadata) continue;
    if (is_broken(film)) {
      const auto line = 1 + std::count(metadata.begin(), metadata.end(), '\n');
      written.bad_lines.insert(written.bad_lines.end(), {line, line + 1});
    } else {
      ++written.films;
    }
    metadata += metadata_row(film);
  }
  metadata += metadata_row(2);  // some films are there twice
  ++written.films;
  write(folder / "movies_metadata.csv", metadata);
  write(folder / "keywords.csv", keywords);
  write(folder / "links.csv", links);
  write(folder / "links_small.csv", links);
  write(folder / "ratings.csv", ratings(kUsers));
  write(folder / "ratings_small.csv", ratings(kUsers / 3));
  return written;
}

}  // namespace tusk::test
