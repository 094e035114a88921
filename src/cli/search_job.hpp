// Doing a search: in one part, or in several that each keep another fold out.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tusk/backend.hpp>
#include <tusk/candidate_parser.hpp>
#include <tusk/dataset.hpp>
#include <tusk/model.hpp>
#include <tusk/search.hpp>
#include <tusk/search_outcome.hpp>
#include <tusk/search_space.hpp>
#include <tusk/search_state.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

class SearchJob {
 public:
  struct Setup {
    SearchOptions options;
    std::optional<RankingOptions> ranking;  // how the test part's lists are judged, if they are
    std::optional<double> budget;           // seconds, for all parts together
    std::size_t parts = 1;
    std::string data;  // as `tusk train` is told of it
  };

  // What is tried in a part.
  struct Plan {
    SearchSpace space;
    std::vector<Settings> settings;  // by candidate
    std::vector<Candidate> candidates;
  };

  // Borrows all but the setup and the state, which may be null.
  SearchJob(Console& console, Backend& backend, const Dataset& data, const CandidateParser& parser,
            Setup setup, std::unique_ptr<SearchState> state);

  std::size_t parts() const { return setup_.parts; }

  // Searches one part, going on from what the state has of it. Throws UsageError if the state has
  // other settings.
  SearchOutcome search(const Folds& folds, std::size_t part, const Plan& plan);

  // These train the best setting again; Interrupted if the user asks for an end.
  // Measures it on each fold, and the models of the folds on the test part.
  void measure_folds(SearchOutcome& outcome) const;
  // Trains it on all but the test part and measures it there.
  Model train_best(SearchOutcome& outcome) const;

 private:
  using Clock = std::chrono::steady_clock;

  std::vector<Trial> known_trials(std::size_t part, const std::vector<Settings>& settings);
  void describe_best(SearchOutcome& outcome) const;
  TrainOptions best_training(const SearchOutcome& outcome) const;
  void note_trainer() const;

  Console& console_;
  Backend& backend_;
  const Dataset& data_;
  const CandidateParser& parser_;
  Setup setup_;
  std::unique_ptr<SearchState> state_;
  MfTrainer trainer_ = MfTrainer::automatic;  // of the trials
  Clock::time_point start_ = Clock::now();
};

}  // namespace tusk::cli
