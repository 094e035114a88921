// A search that has ended, and what its best setting gives.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tusk/json.hpp>
#include <tusk/search.hpp>
#include <tusk/search_space.hpp>
#include <tusk/text_grid.hpp>

namespace tusk {

struct SearchOutcome {
  Metric metric;
  Folds folds;
  std::vector<std::string> parameters;  // that were searched
  std::vector<bool> logarithmic;        // whether their distances are between logarithms
  std::vector<Settings> settings;       // by candidate
  std::vector<Candidate> candidates;
  std::vector<Trial> trials;  // in the order of candidates
  std::vector<RankedTrial> ranked;
  bool out_of_time = false;  // the budget ended it
  double seconds = 0;        // that the search took, over all runs of the program
  // All options of the best setting, with a number of epochs where that was sought.
  Settings best_options;
  std::string best_command;  // what the user may type to train it, for reports

  // The best setting again: on the folds, and trained on all but the test part and measured on it.
  // Empty where nobody wants to know.
  std::vector<FoldResult> best_folds;
  std::optional<RatingMetrics> test;
  std::optional<RankingMetrics> test_ranking;

  const Trial& trial(std::size_t rank) const { return trials[ranked[rank].trial]; }
  const Settings& settings_of(const Trial& trial) const { return settings[trial.candidate]; }

  std::size_t diverged() const { return trials.size() - ranked.size(); }
  std::size_t ties() const;
  // What the metric gives on the test part; nothing without one, or before it is measured.
  std::optional<double> test_score() const;
  // The same as the mean over the models of the folds: each has been trained on as many ratings as
  // the models behind the selection score. They are judged by errors only.
  std::optional<double> fold_models_test_score() const;
};

// The value of a parameter in a trial; nothing if the trial has the default.
std::optional<std::string> value_of(const Settings& settings, const std::string& parameter);

// An event for one trial.
Json trial_json(const Metric& metric, const Trial& trial, const Settings& settings);

// The members that are about the search and its test part.
void add_search(Json& json, const SearchOutcome& outcome);

// All trials, best first, a row each, with a header; with a column for the test fold in front if
// the searches are several.
std::string search_csv(const std::vector<SearchOutcome>& outcomes, Cells cells);

// Adds what was searched, all trials, and what was measured.
void store_search(std::map<std::string, std::string>& metadata, const SearchOutcome& outcome);

// A TOML file with the best setting and how the data was read, which `tusk train --config` takes.
std::string config_text(const SearchOutcome& outcome, const Settings& of_data);

}  // namespace tusk
