// How far work is: a line that moves on a terminal; elsewhere, of training and tuning, lines.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <tusk/observer.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

class Progress {
 public:
  explicit Progress(Console& console) : console_(console) {}

 protected:
  using Clock = std::chrono::steady_clock;

  // Whether a line is to be shown now: on a terminal ten times a second, elsewhere every ten
  // seconds, and on no terminal at all if `terminal_only`.
  bool is_due(bool terminal_only = false) const;
  void show(const std::string& text);
  // ", 5 s left" when `done` of `of` have been done since `start`.
  static std::string left(Clock::time_point start, double done, double of);

  Console& console_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_shown_ = start_;
};

// Shows epochs as progress and as JSON events. Outside a terminal each epoch is a line.
class TrainingProgress : public Progress {
 public:
  // `model_key` is what reports call a model, if there are several: "fold".
  explicit TrainingProgress(Console& console, std::string model_key = {});

  // Shows training here and ends it when the user asks for that. Borrows this.
  Observer observer();

 private:
  void on_epoch(std::span<const EpochReport> reports);
  void on_neighbours(std::int64_t done, std::int64_t of);
  std::string describe(std::span<const EpochReport> reports) const;

  std::string model_key_;
  Phase phase_ = Phase::select;
};

// Shows a search, and ends it when the user asks for that.
class TuningProgress : public Progress {
 public:
  // `what` is what is going on: "tuning".
  TuningProgress(Console& console, std::string what) : Progress(console), what_(std::move(what)) {}

  Observer observer();  // borrows this

 private:
  void on_search(const SearchProgress& progress);

  std::string what_;
  std::optional<std::size_t> done_before_;  // by an earlier run
};

// Shows one kind of work that is no training, on a terminal alone, and ends it when the user asks
// for that.
class WorkProgress : public Progress {
 public:
  WorkProgress(Console& console, Work work) : Progress(console), work_(work) {}

  Observer observer();  // borrows this

 private:
  void on_progress(std::int64_t done, std::int64_t of);
  void on_users(std::int64_t done, std::int64_t of);

  Work work_;
};

}  // namespace tusk::cli
