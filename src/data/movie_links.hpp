// links.csv: the ids that films of MovieLens have at IMDb and at The Movie Database.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>

#include "data/open_bytes.hpp"

namespace tusk {

// 114709 of "0114709", "tt0114709" and "114709.0"; 0 of anything else.
std::int64_t film_number(std::string_view text);

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
