// Rating metrics as text and as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tusk/evaluate.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

// A line that tells that means are over `with` of `of` folds, because the others `lack` something;
// nothing if all have a figure.
void print_missing_folds(const Console& console, std::int64_t with, std::int64_t of,
                         std::string_view lack);

// A table of the errors, all and by evidence.
void print_metrics(const Console& console, const RatingMetrics& metrics);

}  // namespace tusk::cli
