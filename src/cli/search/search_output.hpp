// A search as a table, as JSON, as CSV and as a model's metadata.
#pragma once

#include <map>
#include <string>

#include "cli/console.hpp"
#include "cli/search/candidate_options.hpp"
#include "cli/search/search_outcome.hpp"

namespace tusk::cli {

// An event for one trial.
Json trial_json(const Metric& metric, const Trial& trial, const Settings& settings);

// The best trials, those that are no worse by what can be told, and what the score is.
void print_search(const Console& console, const SearchOutcome& outcome);

// What the best setting gives on the test part.
void print_test(const Console& console, const SearchOutcome& outcome);

// The members that are about the search and its test part.
void add_search(Json& json, const SearchOutcome& outcome);

// All trials, best first, a row each, with a header.
std::string search_csv(const SearchOutcome& outcome);

// Adds what was searched, all trials, and what was measured.
void store_search(std::map<std::string, std::string>& metadata, const SearchOutcome& outcome);

// A TOML file with these options, which `tusk train --config` takes; `about` is a comment.
std::string config_text(const Settings& options, const std::string& about);

}  // namespace tusk::cli
