// Training: ratings and options in, a model out.
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <tusk/backend.hpp>
#include <tusk/dataset.hpp>
#include <tusk/evaluate.hpp>
#include <tusk/folds.hpp>
#include <tusk/knn.hpp>
#include <tusk/model.hpp>
#include <tusk/ranking.hpp>
#include <tusk/split.hpp>

namespace tusk {

// The factor on the learning rates in epoch t = 1, 2, ..., with d the decay.
enum class Schedule {
  constant,     // 1
  inverse,      // 1 / (1 + d (t - 1))
  exponential,  // d ^ (t - 1)
};

// The most that train() takes.
inline constexpr int kMostEpochs = 100'000;
inline constexpr int kMostFactors = 4096;

// Stops when the error on an inner hold-out of the training ratings has not fallen for `patience`
// epochs, and takes the epoch at which it was lowest.
struct EarlyStopping {
  int patience = 10;
  double holdout = 0.05;  // fraction of the training ratings, 0 < holdout < 1
  bool refit = true;      // train again, on all training ratings, for that many epochs; false keeps
                          // the state of that epoch, which has not seen the hold-out

  auto operator<=>(const EarlyStopping&) const = default;
};

// Damped means (Koren: "Factor in the Neighbors", 2010, section 2.1): a bias is the sum of its
// residuals over their count plus the damping. User and item biases are refined in turn. A popular
// model has the item's damping alone.
struct BiasParams {
  float user_damping = 15;
  float item_damping = 10;

  auto operator<=>(const BiasParams&) const = default;
};

// Hyper-parameters of matrix factorization. What is not given follows the spread of the ratings, so
// that ratings from 0 to 100 are trained as the same ratings from 1 to 5 would be: with s the
// standard deviation of the training ratings the learning rate of the factors is 0.0056 / s, their
// regularization 0.053 s and their initial standard deviation 0.0028 sqrt(s); for MovieLens 100K
// that is 0.005, 0.06 and 0.003. Biases learn slower than factors; bench/README.md shows what that
// gives.
struct MfOptions {
  int factors = 200;
  bool biased = true;
  std::optional<float> user_learning_rate;
  std::optional<float> item_learning_rate;
  float bias_learning_rate = 0.001f;
  std::optional<float> user_regularization;
  std::optional<float> item_regularization;
  float bias_regularization = 0.02f;
  std::optional<float> init_std;
  std::uint64_t seed = 1;

  auto operator<=>(const MfOptions&) const = default;
};

MfParams mf_params(const MfOptions& options, float spread);

// The parameters that predict well: Surprise's for pearson_baseline, with a weight shrinkage that
// bench/README.md shows. Lists want others, see RankBy::sum.
KnnParams default_knn_params(ModelKind kind);

struct TrainOptions {
  ModelKind model = ModelKind::mf;
  MfOptions mf;
  BiasParams bias;               // also of the bias model within a KNN model
  std::optional<KnnParams> knn;  // unset: default_knn_params(model)
  int epochs = 500;              // at most; exactly, without early stopping
  std::optional<EarlyStopping> early_stopping = EarlyStopping{};
  Schedule schedule = Schedule::constant;
  double decay = 0;  // of the schedule

  auto operator<=>(const TrainOptions&) const = default;
};

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
  // Asked before every epoch; true ends training with the state it has. BackendOptions::should_stop
  // does not wait for the end of an epoch. Asked now and then while neighbours are sought, and by
  // cross_validate() while it measures; true ends that with Interrupted.
  std::function<bool()> should_stop;
  // Called now and then while neighbours are sought, with the ratings of the rows whose neighbours
  // are found and those of all rows.
  std::function<void(std::int64_t done, std::int64_t of)> on_neighbours;
};

// How a fit went.
struct FitSummary {
  MfParams params;  // of mf
  int epochs = 0;   // that the model was trained for
  // That the model was trained on: without an inner hold-out, unless it was refitted.
  std::int64_t ratings = 0;
  bool refitted = false;                  // on all training ratings, once the epochs were chosen
  std::optional<double> validation_rmse;  // the best on the inner hold-out
  // Whether training stopped before all epochs were done. With an inner hold-out the model is that
  // of its best epoch; without one it is the state at the stop, which may include part of an epoch.
  // Do not use the model if `epochs` is 0.
  bool interrupted = false;
  std::string bits;  // Backend::bits() where mf was trained
};

struct FitResult : FitSummary {
  MfState state;
  std::optional<KnnState> knn;  // of user_knn and item_knn
};

// Trains one model per entry of `train`, side by side, each on the ratings whose label is in its
// set. Throws UsageError for options out of range, InputError for a set without ratings,
// DivergedError.
std::vector<FitResult> fit(Backend& backend, const Dataset& data, std::span<const Label> label,
                           std::span<const LabelSet> train, const TrainOptions& options,
                           const TrainHooks& hooks = {});

// The memory that the first session of fit() would take with these options, whose model must be mf.
// Trains nothing. Throws what fit() would throw before its first epoch.
MfMemory plan_fit(Backend& backend, const Dataset& data, std::span<const Label> label,
                  std::span<const LabelSet> train, const TrainOptions& options);

// Puts a fitted state together with the ids, titles and training items of its data.
Model make_model(const Dataset& data, const Split& split, FitResult fit,
                 const TrainOptions& options);

// Trains on the split's training part: all of the data by default. `metadata` of the model tells
// whether training was interrupted.
Model train(Backend& backend, const Dataset& data, const TrainOptions& options = {},
            const Split& split = {}, const TrainHooks& hooks = {});

struct FoldResult {
  RatingMetrics metrics;
  std::optional<RankingMetrics> ranking;
  // The same model on the test part of the folds, if there is one.
  std::optional<RatingMetrics> test;
  int epochs = 0;
};

// For each fold, trains on what it leaves and measures on it, its ranking too if `ranking` says
// how. Throws Interrupted if it is stopped.
std::vector<FoldResult> cross_validate(Backend& backend, const Dataset& data, const Folds& folds,
                                       const TrainOptions& options, const TrainHooks& hooks = {},
                                       const std::optional<RankingOptions>& ranking = {});

}  // namespace tusk
