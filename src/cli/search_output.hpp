// A search as tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tusk/search_outcome.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

// The best trials, those that are no worse by what can be told, and what the score is.
void print_search(const Console& console, std::string_view model, const SearchOutcome& outcome);

// What the best setting gives on the test part.
void print_test(const Console& console, const SearchOutcome& outcome);

// Of nested cross-validation: what the searches reach on the folds that they have not seen, as a
// table and as an event.
void print_nested(const Console& console, const std::vector<SearchOutcome>& outcomes);

}  // namespace tusk::cli
