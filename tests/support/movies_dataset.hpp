// A folder like Kaggle's "The Movies Dataset", by the public description of its files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace tusk::test {

struct MoviesDataset {
  std::vector<std::int64_t> bad_lines;  // of movies_metadata.csv, where rows are broken in two
  std::int64_t films = 0;               // whole rows in it, one film twice
};

// Writes movies_metadata.csv (24 columns, lists as Python prints them, overviews of several lines,
// three rows broken in two by an end of line outside of quotes), keywords.csv, links.csv,
// links_small.csv, ratings.csv and ratings_small.csv. Film f = 1 .. 40 is movieId f, tmdbId 100 + f
// and IMDb's tt0000200 + f; "Film f", of 1960 + f. Of film 38 there is no tmdbId, film 39 is not
// among the metadata, films 5, 15 and 25 are broken.
MoviesDataset write_movies_dataset(const std::filesystem::path& folder);

}  // namespace tusk::test
