// From the rows of a file to ratings by user and item.
#pragma once

#include <tusk/dataset.hpp>

#include "data/rating_parser.hpp"

namespace tusk {

// Fills everything but source and catalogue. Of several ratings of one item by one user one is kept
// (or made), as options.on_duplicate says; Duplicates::error throws InputError.
Dataset build_dataset(RatingTable table, const ReadOptions& options, const std::string& file);

}  // namespace tusk
