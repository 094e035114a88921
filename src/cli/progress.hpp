// Showing how work goes: a line on a terminal, a line an epoch elsewhere, JSON objects.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <tusk/search.hpp>
#include <tusk/train.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

class TrainingProgress {
 public:
  // `model_key` is what JSON calls the number, from 1, of one of several models; empty for one.
  explicit TrainingProgress(Console& console, std::string model_key = {});

  // Hooks that show what training reports, and that stop it when the program is interrupted. They
  // borrow this.
  TrainHooks hooks();

  void on_epoch(std::span<const EpochReport> reports);
  void on_neighbours(std::int64_t done, std::int64_t of);

 private:
  using Clock = std::chrono::steady_clock;

  Json to_json(const EpochReport& report) const;
  std::string describe(std::span<const EpochReport> reports) const;

  Console& console_;
  std::string model_key_;
  Clock::time_point phase_start_;
  Clock::time_point last_shown_;
  Phase phase_ = Phase::select;
};

// Shows how a search goes: a line on a terminal, elsewhere one now and then.
class TuningProgress {
 public:
  // `what` is what is going on: "tuning".
  TuningProgress(Console& console, std::string what) : console_(console), what_(std::move(what)) {}

  void on_progress(const SearchProgress& progress);

 private:
  using Clock = std::chrono::steady_clock;

  Console& console_;
  std::string what_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_shown_ = start_;
  std::optional<std::size_t> done_before_;  // by an earlier run
};

// Shows on a terminal how much of some work is done.
class WorkProgress {
 public:
  // `work` is what is going on: "reading".
  WorkProgress(Console& console, std::string work) : console_(console), work_(std::move(work)) {}

  void on_progress(std::int64_t done, std::int64_t of);

 private:
  Console& console_;
  std::string work_;
  std::chrono::steady_clock::time_point last_shown_ = std::chrono::steady_clock::now();
};

// Shows on a terminal how many of the users have their lists.
class BatchProgress {
 public:
  BatchProgress(Console& console, std::int64_t users) : console_(console), users_(users) {}

  void on_batch(std::int64_t done);

 private:
  using Clock = std::chrono::steady_clock;

  Console& console_;
  std::int64_t users_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_shown_ = start_;
};

}  // namespace tusk::cli
