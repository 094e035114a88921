// Some runs of matrix factorization, trained side by side in one session.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "train/epoch_stepper.hpp"
#include "train/search_context.hpp"
#include "train/search_run.hpp"

namespace tusk {

// The search's ratings, without models.
MfProblem empty_problem(const SearchContext& context, MfTrainer trainer);

// The models of a run on all folds, as an MfProblem has them.
std::vector<MfFit> fits_of(const SearchContext& context, const SearchRun& run);

class MfBatch {
 public:
  // Borrows the context and the runs.
  MfBatch(SearchContext& context, std::span<const SearchRun> runs, MfTrainer trainer);

  // Trains them all and gives the context each trial as it ends. False if it was stopped.
  bool train();

 private:
  // How far a run has come. Its models follow each other, one for each fold.
  struct Progress {
    const SearchRun* run = nullptr;
    std::size_t first_model = 0;
    std::size_t watched = 0;  // watches that are scored
    std::vector<CurvePoint> curve;
    std::vector<FoldScore> best;  // at the best epoch, where that is sought
    double best_value = 0;
    int best_epoch = 0;

    bool done() const { return watched == run->watches.size(); }
  };

  // How many epochs to train before anything is to be decided, and what to validate.
  std::pair<int, Validate> next_step(int rung) const;
  int most_epochs(bool seeks) const;
  void follow(Progress& progress, std::span<const ModelEpoch> folds);
  void seek(Progress& progress, std::span<const ModelEpoch> folds);
  void finish(Progress& progress, std::size_t count, const std::vector<FoldScore>& scores,
              int epochs);
  void end(Progress& progress);
  void halve();
  // Ends a run with its best so far.
  void cut(Progress& progress);
  // Does so with all that halving has left, for a search that is to stop.
  void leave();

  SearchContext& context_;
  std::size_t folds_;
  std::unique_ptr<MfSession> session_;
  std::unique_ptr<EpochStepper> stepper_;
  std::vector<Progress> runs_;
  std::vector<Trial> trials_;
};

}  // namespace tusk
