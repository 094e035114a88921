// Rating metrics as text and as JSON.
#pragma once

#include <string>

#include <tusk/evaluate.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

// Adds rmse, mae, mse, count and by_evidence; the errors of no ratings are null.
void add_metrics(Json& json, const RatingMetrics& metrics);

// A table of the errors, all and by evidence.
void print_metrics(const Console& console, const RatingMetrics& metrics);

}  // namespace tusk::cli
