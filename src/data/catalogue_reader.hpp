// Titles and genres from the files that MovieLens data sets have beside their ratings.
#pragma once

#include <filesystem>

#include <tusk/dataset.hpp>

namespace tusk {

// From the first of movies.csv (RFC 4180), movies.dat and u.item (with u.genre) in `folder` that
// can be used, each line UTF-8 or latin-1; empty strings if there is none. Titles of items without
// ratings are left out. Never throws for what a file holds or for one that cannot be opened:
// `report` says what was wrong and what was skipped.
Catalogue read_catalogue(const std::filesystem::path& folder, const IdMap& items,
                         TitlesReport& report);

}  // namespace tusk
