// Titles and genres from the files that MovieLens data sets have beside their ratings.
#pragma once

#include <filesystem>

#include <tusk/dataset.hpp>

namespace tusk {

// From movies.csv (RFC 4180), u.item (with u.genre) or movies.dat in `folder`, each line UTF-8 or
// latin-1; empty strings if there is none of them. Titles of items without ratings are left out.
// Throws InputError for a bad row and for a file that is not what its name says; with BadRows::skip
// the row, or the file, is left out and counted in `report`.
Catalogue read_catalogue(const std::filesystem::path& folder, const IdMap& items, BadRows on_bad,
                         ReadReport& report);

}  // namespace tusk
