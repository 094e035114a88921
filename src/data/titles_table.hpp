// A table of titles with any names of columns.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <tusk/dataset.hpp>

#include "data/open_bytes.hpp"

namespace tusk {

// Rows of id, title and perhaps genres, year and text; see ReadOptions::title_columns. Fields in
// quotes may hold ends of lines. Throws InputError if the file cannot be used.
Catalogue read_titles_table(const std::filesystem::path& file, const IdMap& items,
                            const std::vector<std::string>& columns, const OpenOptions& options,
                            TitlesReport& report);

}  // namespace tusk
