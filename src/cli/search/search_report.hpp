// The page about a search.
#pragma once

#include <string>
#include <vector>

#include "cli/report/report.hpp"
#include "cli/search/search_outcome.hpp"

namespace tusk::cli {

// `report` is about these searches; several are those of nested cross-validation.
void fill_report(Report& report, const std::vector<SearchOutcome>& outcomes);

}  // namespace tusk::cli
