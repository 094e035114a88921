// A search as a table, as JSON, as CSV and as a model's metadata.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/console.hpp"
#include "cli/search/candidate_options.hpp"
#include "cli/search/search_outcome.hpp"
#include "cli/text_grid.hpp"

namespace tusk::cli {

// An event for one trial.
Json trial_json(const Metric& metric, const Trial& trial, const Settings& settings);

// The best trials, those that are no worse by what can be told, and what the score is.
void print_search(const Console& console, std::string_view model, const SearchOutcome& outcome);

// What the best setting gives on the test part.
void print_test(const Console& console, const SearchOutcome& outcome);

// Of nested cross-validation: what the searches reach on the folds that they have not seen, as a
// table and as an event.
void print_nested(const Console& console, const std::vector<SearchOutcome>& outcomes);

// The members that are about the search and its test part.
void add_search(Json& json, const SearchOutcome& outcome);

// All trials, best first, a row each, with a header; with a column for the test fold in front if
// the searches are several.
std::string search_csv(const std::vector<SearchOutcome>& outcomes, Cells cells);

// Adds what was searched, all trials, and what was measured.
void store_search(std::map<std::string, std::string>& metadata, const SearchOutcome& outcome);

// A TOML file with the best setting and how the data was read, which `tusk train --config` takes.
std::string config_text(const SearchOutcome& outcome, const Settings& of_data);

}  // namespace tusk::cli
