// What a caller is told of work that takes long, and how it ends it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include <tusk/device.hpp>
#include <tusk/error.hpp>

namespace tusk {

// Work whose steps are counted, and what is counted.
enum class Work {
  reading,     // read_dataset(): bytes of ratings that are parsed
  neighbours,  // fit() of a neighbour model: ratings of the rows whose neighbours are found
  ranking,     // evaluate_ranking(): users whose lists are made and judged
  lists,       // Recommender::for_each_list(), for_each_new_list(): users whose lists are made
};

enum class Phase {
  select,  // choosing the number of epochs on the inner hold-out
  fit,     // training the model that is returned
};

// One epoch of one model.
struct EpochReport {
  std::size_t model = 0;  // 0 .. models - 1
  Phase phase = Phase::fit;
  std::string_view step = "epoch";        // Capabilities::step
  int epoch = 0;                          // from 1
  int epochs = 0;                         // at most so many
  double train_rmse = 0;                  // of each rating just before its update, not clipped
  std::optional<double> loss;             // after the epoch; of models that have no train_rmse
  std::optional<double> validation_rmse;  // on the inner hold-out, clipped
  std::optional<double> watched_rmse;     // on FitExtras::watched, clipped
  float learning_rate = 0;                // of the user factors
  double ratings_per_second = 0;          // this model's training ratings over the epoch's time
  double seconds = 0;                     // the epoch's time
};

struct SearchProgress {
  std::size_t done = 0;  // trials, those known before included
  std::size_t of = 0;
  int epoch = 0;  // of the models that are trained now, if they have epochs
  double ratings_per_second = 0;
  // How models are trained, if the device has several ways: known before any training.
  MfTrainer trainer = MfTrainer::automatic;
};

// Functions to call while work is going on; any may be empty. A function of the library borrows
// its observer, and passes it on to what it calls: cross_validate() reports what fit() and
// evaluate_ranking() do. search() alone calls only on_search and should_stop. All are called from
// the caller's thread, except by read_dataset() and write_synthetic(), which say so.
struct Observer {
  // Asked often; true ends the work. Most functions throw Interrupted then. fit(), train() and
  // search() return what they have reached, if it is of use: see there. An epoch or a batch may
  // pass between two questions; DeviceOptions::should_stop ends these as well.
  std::function<bool()> should_stop = {};
  // Called now and then, with what is done and what there is to do.
  std::function<void(Work what, std::int64_t done, std::int64_t of)> on_progress = {};
  // Called after every epoch with a report of each model that it trained.
  std::function<void(std::span<const EpochReport>)> on_epoch = {};
  // Called by search() once the trainer is known, after epochs and before folds that take longer.
  std::function<void(const SearchProgress&)> on_search = {};

  bool stops() const { return should_stop && should_stop(); }
  // Throws Interrupted.
  void check_stop() const {
    if (stops()) throw Interrupted();
  }
  void report(Work what, std::int64_t done, std::int64_t of) const {
    if (on_progress) on_progress(what, done, of);
  }
  void report(std::span<const EpochReport> epochs) const {
    if (on_epoch) on_epoch(epochs);
  }
  void report(const SearchProgress& progress) const {
    if (on_search) on_search(progress);
  }
  // One that is only asked whether to stop.
  Observer silent() const { return {should_stop, {}, {}, {}}; }
};

}  // namespace tusk
