// Training: ratings and options in, a model out.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/device.hpp>
#include <tusk/evaluate.hpp>
#include <tusk/folds.hpp>
#include <tusk/knn.hpp>
#include <tusk/model.hpp>
#include <tusk/models.hpp>
#include <tusk/ranking.hpp>
#include <tusk/split.hpp>
#include <tusk/train_options.hpp>

namespace tusk {

enum class Phase {
  select,  // choosing the number of epochs on the inner hold-out
  fit,     // training the model that is returned
};

// One epoch of one model.
struct EpochReport {
  std::size_t model = 0;  // 0 .. models - 1
  Phase phase = Phase::fit;
  int epoch = 0;                          // from 1
  int epochs = 0;                         // at most so many
  double train_rmse = 0;                  // of each rating just before its update, not clipped
  std::optional<double> validation_rmse;  // on the inner hold-out, clipped
  float learning_rate = 0;                // of the user factors
  double ratings_per_second = 0;          // this model's training ratings over the epoch's time
  double seconds = 0;                     // the epoch's time
};

struct TrainHooks {
  // Called after every epoch with a report of each model that it trained.
  std::function<void(std::span<const EpochReport>)> on_epoch;
  // Asked before every epoch; true ends training with the state it has. DeviceOptions::should_stop
  // does not wait for the end of an epoch. Asked now and then while neighbours are sought, and by
  // cross_validate() while it measures; true ends that with Interrupted.
  std::function<bool()> should_stop;
  // Called now and then while neighbours are sought, with the ratings of the rows whose neighbours
  // are found and those of all rows.
  std::function<void(std::int64_t done, std::int64_t of)> on_neighbours;
};

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
};

struct FitResult : FitSummary {
  std::shared_ptr<const ModelState> state;
  // What the model's metadata says of it: its hyper-parameters and how training went.
  std::map<std::string, std::string> metadata;
};

// Trains one model per entry of `train`, side by side, each on the ratings whose label is in its
// set. Throws UsageError for options out of range, InputError for a set without ratings,
// DivergedError.
std::vector<FitResult> fit(Device& device, const Dataset& data, std::span<const Label> label,
                           std::span<const LabelSet> train, const TrainOptions& options,
                           const TrainHooks& hooks = {});

// The memory that the first session of fit() would take with these options. Trains nothing; throws
// UsageError for a model without such a plan. Throws what fit() would throw before its first epoch.
MfMemory plan_fit(Device& device, const Dataset& data, std::span<const Label> label,
                  std::span<const LabelSet> train, const TrainOptions& options);

// Puts a fitted state together with the ids, titles and training items of its data.
Model make_model(const Dataset& data, const Split& split, FitResult fit);

// Trains on the split's training part: all of the data by default. `metadata` of the model tells
// whether training was interrupted.
Model train(Device& device, const Dataset& data, const TrainOptions& options = {},
            const Split& split = {}, const TrainHooks& hooks = {});

struct FoldResult {
  RatingMetrics metrics;
  std::optional<RankingMetrics> ranking;
  // The same model on the test part of the folds, if there is one.
  std::optional<RatingMetrics> test;
  int epochs = 0;               // as in FitSummary
  bool still_learning = false;  // as in FitSummary
};

// For each fold, trains on what it leaves and measures on it, its ranking too if `ranking` says
// how. Throws Interrupted if it is stopped.
std::vector<FoldResult> cross_validate(Device& device, const Dataset& data, const Folds& folds,
                                       const TrainOptions& options, const TrainHooks& hooks = {},
                                       const std::optional<RankingOptions>& ranking = {});

// The rankings of those folds that have one.
std::vector<RankingMetrics> rankings_of(std::span<const FoldResult> folds);
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

}  // namespace tusk
