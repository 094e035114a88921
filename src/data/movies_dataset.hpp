// The catalogue of Kaggle's "The Movies Dataset".
#pragma once

#include <filesystem>

#include <tusk/dataset.hpp>

#include "data/movie_links.hpp"
#include "data/open_bytes.hpp"

namespace tusk {

// From movies_metadata.csv and, if it is beside that, keywords.csv: titles with their years,
// genres, overviews, counts of votes. The films are items by their tmdb ids in `links`. A row whose
// columns are shifted or missing is skipped and counted. Throws InputError if the file cannot be
// used.
Catalogue read_movies_metadata(const std::filesystem::path& file, const IdMap& items,
                               const MovieLinks& links, const OpenOptions& options,
                               TitlesReport& report);

}  // namespace tusk
