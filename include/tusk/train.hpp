// Training: ratings and options in, a model out.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/device.hpp>
#include <tusk/evaluate.hpp>
#include <tusk/knn.hpp>
#include <tusk/model.hpp>
#include <tusk/models.hpp>
#include <tusk/observer.hpp>
#include <tusk/partition.hpp>
#include <tusk/ranking.hpp>
#include <tusk/train_options.hpp>

namespace tusk {

// How a fit went.
struct FitSummary {
  int epochs = 0;  // that the model was trained for, if it has epochs
  // That the model was trained on: without an inner hold-out, unless it was refitted.
  std::int64_t ratings = 0;
  bool refitted = false;                  // on all training ratings, once the epochs were chosen
  std::optional<double> validation_rmse;  // the best on the inner hold-out
  // Whether training stopped before all epochs were done. With an inner hold-out the model is that
  // of its best epoch; without one it is the state at the stop, which may include part of an epoch.
  // Do not use the model if `epochs` is 0.
  bool interrupted = false;
  // Whether the error on the inner hold-out was still falling when the epochs were used up.
  bool still_learning = false;
  // Of a model that samples: the split R-hat of the precision of ratings, "alpha", and where some
  // are watched of the error on these, "error". About 1 once chains have forgotten their starts.
  std::map<std::string, double> r_hat;
};

// Above it the draws of a model that samples are not yet those of its posterior.
inline constexpr double kLargestRHat = 1.05;
// The largest; NaN if there is none.
double largest_r_hat(const FitSummary& fit);

// Where a training keeps what it needs to go on after it was killed: a file that is replaced as a
// whole after every so many epochs or sweeps.
struct CheckpointFile {
  std::filesystem::path path;
  int every = 10;
};

// What fit() does beside training one model.
struct FitExtras {
  // Ratings, by their labels, that are neither trained on nor chosen by. Of a model that samples
  // their error is reported after every sweep.
  LabelSet watched;
  // Of models with Capabilities::resumes, on the CPU. If the file is there, training goes on from
  // it and ends with the bits of one that was never stopped; UsageError if it is of another
  // training.
  std::optional<CheckpointFile> checkpoint;
};

struct FitResult : FitSummary {
  std::shared_ptr<const ModelState> state;
  // What the model's metadata says of it: its hyper-parameters and how training went.
  std::map<std::string, std::string> metadata;
};

// Trains one model per entry of `train`, side by side, each on the ratings whose label is in its
// set. Stopped between epochs, or within one by the device, it ends with the state that training
// has reached; stopped while neighbours are sought, it throws Interrupted. Throws UsageError for
// options out of range, InputError for a set without ratings, DivergedError.
std::vector<FitResult> fit(Device& device, const Dataset& data, std::span<const Label> label,
                           std::span<const LabelSet> train, const TrainOptions& options,
                           const Observer& observer = {}, const FitExtras& extras = {});

// Throws ParameterError if several processes cannot train such a model together, see
// Dataset::processes.
void check_distributed(const TrainOptions& options);

// The memory that the first session of fit() would take with these options. Trains nothing; throws
// UsageError for a model without such a plan. Throws what fit() would throw before its first epoch.
MfMemory plan_fit(Device& device, const Dataset& data, std::span<const Label> label,
                  std::span<const LabelSet> train, const TrainOptions& options);

// Puts a fitted state together with the ids, titles and training items of its data, on so many
// threads (0 means all of the machine).
Model make_model(const Dataset& data, const Partition& split, FitResult fit, int threads = 0);

// The same of ratings that several processes share: the model on the first of them, nothing on the
// others. All wait for each other.
std::optional<Model> make_shared_model(const Dataset& data, const Partition& split, FitResult fit);

// Trains on the split's training part: all of the data by default. Stops and throws as fit();
// `metadata` of the model tells whether training was interrupted.
Model train(Device& device, const Dataset& data, const TrainOptions& options = {},
            const Partition& split = {}, const Observer& observer = {});

struct FoldResult {
  RatingMetrics metrics;
  std::optional<RankingMetrics> ranking;
  // The same model on the test part of the folds, if there is one.
  std::optional<RatingMetrics> test;
  int epochs = 0;               // as in FitSummary
  bool still_learning = false;  // as in FitSummary
  double r_hat = 0;             // largest_r_hat()
};

// For each fold, trains on what it leaves and measures on it, its ranking too if `ranking` says
// how. Throws Interrupted if it is stopped.
std::vector<FoldResult> cross_validate(Device& device, const Dataset& data, const Partition& folds,
                                       const TrainOptions& options, const Observer& observer = {},
                                       const std::optional<RankingOptions>& ranking = {});

// The rankings of those folds that have one.
std::vector<RankingMetrics> rankings_of(std::span<const FoldResult> folds);
// Those of another length, by its place in RankingOptions::other_k.
std::vector<RankingMetrics> others_of(std::span<const RankingMetrics> folds, std::size_t other);
// How many folds have a user to judge lists by.
std::int64_t folds_with_lists(std::span<const RankingMetrics> folds);
// The means over the folds that have a figure; NaN if none has.
std::vector<RankingFigure> mean_figures(std::span<const RankingMetrics> folds);

// The mean of an error over the folds that have a test rating, and the deviation of the sample:
// over their number - 1; NaN for one.
struct Spread {
  double mean = 0;
  double deviation = 0;
};
Spread spread(std::span<const FoldResult> folds, double (ErrorSums::*error)() const);

// The mean over the folds whose predictions have deviations; NaN if none has.
double mean_calibration(std::span<const FoldResult> folds, const CalibrationFigure& figure);
bool has_calibration(std::span<const FoldResult> folds);

}  // namespace tusk
