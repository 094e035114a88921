// Some runs of a search whose models are trained epoch by epoch, side by side in one session.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "train/epoch_fit.hpp"
#include "train/epoch_stepper.hpp"
#include "train/search_context.hpp"
#include "train/search_run.hpp"

namespace tusk {

// How many of the runs of a search whose models are neural networks share a session: as many as
// keep the threads busy and as there is memory for, with halving all of them. plan(some) is what
// the models of some runs take. Throws UsageError as check_halving() does.
std::size_t networks_at_once(const SearchContext& context, std::span<const SearchRun> runs,
                             const std::function<MfMemory(std::span<const SearchRun>)>& plan);

// Throws UsageError where halving would keep more models in memory than there is memory for.
void check_halving(const MfMemory& memory, std::size_t models);

// Throws UsageError for folds that hold out whole users, where the number of epochs is chosen by
// the errors on the ratings that folds hold out. `model`: its name.
void check_folds_have_users(const SearchContext& context, std::string_view model);

// The models of some runs, in their order and for each run one a fold.
struct SideBySide {
  std::unique_ptr<EpochSession> session;
  std::vector<ModelPlan> plans;
  std::function<EpochLimits(const TrainOptions&)> limits;
  // The model at its last checkpoint, or as it is now.
  std::function<std::shared_ptr<const ModelState>(std::size_t model)> state;
};

class RunBatch {
 public:
  // Borrows the context and the runs.
  RunBatch(SearchContext& context, std::span<const SearchRun> runs, SideBySide models);

  // Trains them all and gives the context each trial as it ends. False if it was stopped.
  bool train();

 private:
  // How far a run has come. Its models follow each other, one for each fold.
  struct Progress {
    const SearchRun* run = nullptr;
    EpochLimits limits;
    std::size_t first_model = 0;
    std::size_t watched = 0;  // watches that are scored
    std::vector<CurvePoint> curve;
    std::vector<FoldScore> best;  // at the best epoch, where that is sought
    double best_value = 0;
    int best_epoch = 0;

    // Whether the best number of epochs is sought, and not given.
    bool seeks_epochs() const { return limits.patience > 0; }
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
  std::function<std::shared_ptr<const ModelState>(std::size_t)> state_;
  std::unique_ptr<EpochSession> session_;
  std::unique_ptr<EpochStepper> stepper_;
  std::vector<Progress> runs_;
  std::vector<Trial> trials_;
};

}  // namespace tusk
