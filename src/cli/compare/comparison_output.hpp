// A comparison as a table, as JSON, as CSV and as a page.
#pragma once

#include <string>

#include "cli/compare/comparison.hpp"
#include "cli/console.hpp"
#include "cli/report/report.hpp"
#include "cli/text_grid.hpp"

namespace tusk::cli {

// A table, or an event for each model.
void report_models(const Console& console, const Comparison& comparison);

// The table with a header, a row for each model.
std::string comparison_csv(const Comparison& comparison, Cells cells);

void fill_report(Report& report, const Comparison& comparison);

}  // namespace tusk::cli
