// What the ways to search share.
#pragma once

#include <set>
#include <span>
#include <vector>

#include <tusk/evaluate.hpp>
#include <tusk/search.hpp>

#include "backend/backend.hpp"
#include "train/search_run.hpp"

namespace tusk {

class SearchContext {
 public:
  // Everything is borrowed.
  SearchContext(Backend& backend, const Dataset& data, const Partition& folds,
                std::span<const Candidate> candidates, std::span<const Trial> known,
                const SearchOptions& options, const OnTrials& on_trials, const Observer& observer);

  Backend& backend;
  const Dataset& data;
  const Partition& folds;
  const SearchOptions& options;
  const OnTrials& on_trials;
  const Observer& observer;
  MfTrainer trainer = MfTrainer::automatic;  // that is used, once it is known

  bool stopped() const { return observer.stops(); }
  void report_progress(int epoch, double ratings_per_second) const;
  // Takes trials that have ended.
  void add(std::vector<Trial> trials);
  // Trials that the search ends without: nobody is to go on from these.
  void add_unfinished(std::vector<Trial> trials);
  // All that have ended, the known ones too, in the order of candidates.
  std::vector<Trial> trials() const;

  // Of the training ratings of a fold.
  struct Moments {
    float mean = 0;
    float spread = 0;
  };
  const Moments& moments(std::size_t fold) const { return moments_[fold]; }

  // What a fold holds out; and its ratings.
  HeldOutPart part(std::size_t fold) const {
    return {folds.label, folds.held_out[fold], folds.fold_in};
  }
  const RatingList& held_out(std::size_t fold) const { return held_out_[fold]; }

  // For each watch, what the metric wants to know of the lists that this model of a fold makes;
  // nothing if it judges none. Throws InputError once every fold turns out to be without a user who
  // has a relevant rating.
  std::vector<std::optional<ListMetrics>> judge_lists(std::size_t fold, const Model& model,
                                                      std::span<const Watch> watches);

 private:
  std::span<const Candidate> candidates_;
  std::vector<RatingList> held_out_;
  std::vector<Moments> moments_;
  std::vector<Trial> ended_;  // the known ones first
  std::set<std::size_t> folds_without_figure_;
};

}  // namespace tusk
