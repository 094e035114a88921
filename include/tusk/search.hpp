// Choosing settings by their scores on folds: many models trained side by side on one upload of the
// ratings.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/device.hpp>
#include <tusk/list_order.hpp>
#include <tusk/metric.hpp>
#include <tusk/observer.hpp>
#include <tusk/partition.hpp>
#include <tusk/ranking.hpp>
#include <tusk/train.hpp>

namespace tusk {

// A setting to be tried. With early stopping, matrix factorization is given the number of epochs
// after which the mean score over the folds is best (of lists: the mean RMSE), its patience ended;
// the folds themselves are the hold-out, and MfOptions::holdout is not used. Without, it is
// trained for exactly as many as given.
struct Candidate {
  TrainOptions options;
  ListOrder order;  // of lists, if the metric judges them
};

struct FoldScore {
  ErrorSums errors;  // of the fold's ratings
  // If the metric judges them; NaN where no user of the fold has a relevant rating.
  std::optional<ListMetrics> lists;
};

// An epoch of training, means over the folds.
struct CurvePoint {
  int epoch = 0;
  double train_rmse = 0;                    // of each rating just before its update, not clipped
  std::optional<double> validation_rmse;    // where it was measured
  std::optional<double> watched_rmse = {};  // on FitExtras::watched
};

// The result of a candidate.
struct Trial {
  std::size_t candidate = 0;
  std::vector<FoldScore> folds;   // empty if training diverged
  int epochs = 0;                 // of mf: after which it has these scores
  std::vector<CurvePoint> curve;  // of mf
  // Halving dropped it after this many epochs; the scores are its best up to there.
  std::optional<int> cut;
};

struct SearchOptions {
  Metric metric;
  // How lists are judged, if the metric does; k is the metric's, the order the candidate's.
  RankingOptions ranking;
  // Successive halving (Jamieson, Talwalkar: "Non-stochastic Best Arm Identification and
  // Hyperparameter Optimization", 2016): all candidates are trained together, and after 20, 60,
  // 180, ... epochs the best third of those that are left goes on.
  bool halving = false;
  // How models of matrix factorization are trained, all of them, however many are left. `automatic`
  // is decided by the first of all candidates, the known ones too.
  MfTrainer trainer = MfTrainer::automatic;
};

// Called whenever trials have ended, with those that are new. What is known of these can be given
// to another search() in their place.
using OnTrials = std::function<void(std::span<const Trial>)>;

// Tries every candidate on every fold, but for those in `known`, and returns what came of all in
// the order of candidates. Candidates that differ only in fixed numbers of epochs, or in the order
// of lists, are one training watched at several points. On the CPU a trial depends neither on the
// others nor on the number of threads. Stopped, which is asked about once a second, or before every
// epoch or fold that takes longer, it ends with the trials that have ended, and of halving with
// those that were left, as they are. Throws UsageError for candidates out of range, and for halving
// of what it does not suit: models without early stopping, metrics of lists; InputError if the
// metric judges lists and no user of any fold has a relevant rating; DeviceError.
std::vector<Trial> search(Device& device, const Dataset& data, const Partition& folds,
                          std::span<const Candidate> candidates, std::span<const Trial> known,
                          const SearchOptions& options, const OnTrials& on_trials = {},
                          const Observer& observer = {});

// The score of a trial: the mean over folds of a metric, and its standard error, the sample
// standard deviation over folds over the square root of their number; 0 for one fold. Folds whose
// value is NaN have no figure and do not count; the mean is NaN if none has one.
struct Score {
  double mean = 0;
  double standard_error = 0;
};

std::vector<double> fold_values(const Metric& metric, const Trial& trial);
Score score(std::span<const double> values);

// A trial in the order of a table.
struct RankedTrial {
  std::size_t trial = 0;  // its place in what was given
  Score score;
  // Whether it differs from the best by no more than the standard error of the difference, fold by
  // fold. False for the best itself.
  bool tie = false;
};

// Best first; of equal ones the first candidate first. Trials that diverged are left out.
std::vector<RankedTrial> rank_trials(const Metric& metric, std::span<const Trial> trials);

}  // namespace tusk
