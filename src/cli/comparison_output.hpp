// A comparison as a table.
#pragma once

#include <tusk/comparison.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

// A table, or an event for each model.
void report_models(const Console& console, const Comparison& comparison);

}  // namespace tusk::cli
