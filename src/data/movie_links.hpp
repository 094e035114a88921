// links.csv: the ids that films of MovieLens have at IMDb and at The Movie Database.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <tusk/dataset.hpp>

#include "data/open_bytes.hpp"

namespace tusk {

// By item; 0: not known.
struct MovieLinks {
  std::filesystem::path file;  // empty: there is none
  std::vector<std::int64_t> imdb;
  std::vector<std::int64_t> tmdb;
};

// From links.csv, or links_small.csv without one, in the folder. Throws InputError if the file
// cannot be used.
MovieLinks read_movie_links(const std::filesystem::path& folder, const IdMap& items,
                            const OpenOptions& options);

}  // namespace tusk
