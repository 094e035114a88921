// Titles, genres and what else is known of items, from files beside the ratings.
#pragma once

#include <filesystem>

#include <tusk/dataset.hpp>

#include "data/open_bytes.hpp"

namespace tusk {

// Empty titles and genres.
Catalogue no_titles(const IdMap& items);

// From the first of movies.csv (RFC 4180), movies.dat, u.item (with u.genre), movies_metadata.csv,
// movie_titles.txt and tables of books in `folder` that can be used, each line or field UTF-8 or
// latin-1; empty strings if there is none. Files are opened as `open` says. The ids that films have
// elsewhere come from links.csv. Titles of items without ratings are left out. Never throws for
// what a file holds or for one that cannot be opened: `report` says what was wrong and what was
// skipped.
Catalogue read_catalogue(const std::filesystem::path& folder, const IdMap& items,
                         const ReadOptions& options, const OpenOptions& open, TitlesReport& report);

// The same from options.titles, with links.csv beside it or in `folder`. Throws InputError if the
// file of titles cannot be used.
Catalogue read_titles(const std::filesystem::path& folder, const IdMap& items,
                      const ReadOptions& options, const OpenOptions& open, TitlesReport& report);

}  // namespace tusk
