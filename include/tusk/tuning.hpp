// A search for the settings of a model with the best scores: in one part, or in several that each
// keep another fold out (nested cross-validation).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/device.hpp>
#include <tusk/json.hpp>
#include <tusk/model.hpp>
#include <tusk/observer.hpp>
#include <tusk/partition.hpp>
#include <tusk/search.hpp>
#include <tusk/search_space.hpp>
#include <tusk/text_grid.hpp>

namespace tusk {

// A search that has ended, and what its best setting gives.
struct SearchOutcome {
  Metric metric;
  bool has_errors = true;  // false where the models predict no ratings: there are none to show
  Partition folds;
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

  // The best setting again: on the folds, and trained on all but the test part and measured on it.
  // Empty unless asked for.
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

// A search that is to be run: what search() takes but for the device and the data, and the settings
// by candidate. Everything is borrowed.
struct SearchWork {
  const Partition& folds;
  const std::vector<Settings>& settings;
  std::span<const Candidate> candidates;
  std::span<const Trial> known;
  const SearchOptions& options;
  const OnTrials& on_trials;
  const Observer& observer;
};
// Runs it, somewhere, and returns what search() does.
using SearchRunner = std::function<std::vector<Trial>(const SearchWork&)>;

struct TuningOptions {
  SearchSpec trials;                      // the space is typed
  SearchOptions search;                   // but for the trainer: all parts and runs have the same
  std::optional<RankingOptions> ranking;  // how the test part's lists are judged, if they are
  std::optional<double> budget;           // seconds, for all parts together
  std::uint64_t seed = 1;                 // of random trials
  // Where trials are kept as they end; the same search goes on from there. Empty: nowhere.
  std::filesystem::path state;
  std::string device;  // what of it the trials depend on: one state is of one
  SearchRunner run;    // in place of search() on the device, if it is given
};

// Called with trials that have ended, or first with those that the state holds: `resumed`.
using OnTunedTrials =
    std::function<void(const SearchOutcome&, std::span<const Trial>, bool resumed)>;

class SearchState;

class Tuning {
 public:
  // Borrows the device and the data. Several parts are those of make_nested_folds(). Throws
  // UsageError if the state is of another search or in use, InputError if it is damaged.
  Tuning(Device& device, const Dataset& data, CandidateParser parser, std::vector<Partition> parts,
         TuningOptions options);
  ~Tuning();

  std::size_t parts() const { return parts_.size(); }

  // How the trials were trained; `automatic` as long as that does not matter. The best setting is
  // trained alone, which rounds differently from MfTrainer::side_by_side.
  MfTrainer trainer() const { return trainer_; }

  // Searches one part, going on from what the state has of it. Stops and throws as search().
  SearchOutcome search(std::size_t part, const OnTunedTrials& on_trials = {},
                       const Observer& observer = {});

  // These train the best setting again. Interrupted if they are stopped.
  // Measures it on each fold, and the models of the folds on the test part; with `lists` the lists
  // on each fold, too, if TuningOptions::ranking says how.
  void measure_folds(SearchOutcome& outcome, bool lists, const Observer& observer = {}) const;
  // Trains it on all but the test part and measures it there.
  Model train_best(SearchOutcome& outcome, const Observer& observer = {}) const;

 private:
  using Clock = std::chrono::steady_clock;

  Json identity() const;
  SearchPlan plan(const Partition& folds) const;
  std::vector<Trial> known_trials(std::size_t part, const std::vector<Settings>& settings) const;
  Settings best_options(const SearchOutcome& outcome) const;
  RankingOptions ranking_of_best(const SearchOutcome& outcome) const;

  Device& device_;
  const Dataset& data_;
  CandidateParser parser_;
  std::vector<Partition> parts_;
  TuningOptions options_;
  std::unique_ptr<SearchState> state_;
  MfTrainer trainer_ = MfTrainer::automatic;
  Clock::time_point start_ = Clock::now();
};

// An event for one trial.
Json trial_json(const SearchOutcome& outcome, const Trial& trial);

// The members that are about the search and its test part.
void add_search(Json& json, const SearchOutcome& outcome);

// What the searches of nested cross-validation reach on the folds that they have not seen: an
// event, and a table with a header and the means.
Json nested_json(const std::vector<SearchOutcome>& outcomes);
TextRows nested_table(const std::vector<SearchOutcome>& outcomes);

// The best trials as a table with a header, best first; those that tie with the best have a "=".
TextRows trial_table(const SearchOutcome& outcome, std::size_t most);

// All trials, best first, a row each, with a header; with a column for the test fold in front if
// the searches are several.
std::string search_csv(const std::vector<SearchOutcome>& outcomes, Cells cells);

// Adds what was searched, all trials, and what was measured.
void store_search(std::map<std::string, std::string>& metadata, const SearchOutcome& outcome);

// A TOML file with the best setting and how the data was read, which `tusk train --config` takes.
std::string config_text(const SearchOutcome& outcome, const Settings& of_data);

}  // namespace tusk
