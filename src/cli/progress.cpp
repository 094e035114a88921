#include "cli/progress.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tusk/figures.hpp>
#include <tusk/metrics_json.hpp>

#include "cli/command.hpp"
#include "cli/interrupts.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

// The mean over models of what one of them reports.
template <class Value>
double mean(std::span<const EpochReport> reports, const Value& value) {
  double sum = 0;
  for (const EpochReport& report : reports) sum += value(report);
  return sum / static_cast<double>(reports.size());
}

}  // namespace

bool Progress::is_due(bool terminal_only) const {
  const auto now = Clock::now() - last_shown_;
  if (console_.progress() == Console::Progress::line) return now >= std::chrono::milliseconds(100);
  return console_.progress() == Console::Progress::plain && !terminal_only &&
         now >= std::chrono::seconds(10);
}

void Progress::show(const std::string& text) {
  last_shown_ = Clock::now();
  console_.progress() == Console::Progress::line ? console_.progress_line(text)
                                                 : console_.progress_plain(text);
}

std::string Progress::left(Clock::time_point start, double done, double of) {
  const double spent = std::chrono::duration<double>(Clock::now() - start).count();
  return fmt::format(", {} left", duration_text(spent / done * (of - done)));
}

TrainingProgress::TrainingProgress(Console& console, std::string model_key)
    : Progress(console), model_key_(std::move(model_key)) {}

std::string TrainingProgress::describe(std::span<const EpochReport> reports) const {
  const EpochReport& first = reports.front();
  const bool select = first.phase == Phase::select;
  std::string text = select ? fmt::format("choosing {}s", first.step) : "training";
  if (!model_key_.empty()) {
    text += fmt::format(" {} {}{}", reports.size(), model_key_, reports.size() == 1 ? "" : "s");
  }
  const int epochs = std::max_element(reports.begin(), reports.end(), [](auto& a, auto& b) {
                       return a.epochs < b.epochs;
                     })->epochs;
  text += select ? fmt::format(", {} {}", first.step, first.epoch)
                 : fmt::format(", {} {} of {} ({}%)", first.step, first.epoch, epochs,
                               100 * first.epoch / epochs);
  if (first.loss) {
    text += fmt::format(", loss {:.6g}",
                        mean(reports, [](const EpochReport& r) { return r.loss.value_or(0); }));
  } else {
    text += ", train RMSE " +
            error_text(mean(reports, [](const EpochReport& r) { return r.train_rmse; }));
  }
  if (first.validation_rmse) {
    text += ", validation RMSE " + error_text(mean(reports, [](const EpochReport& r) {
              return r.validation_rmse.value_or(0);
            }));
  }
  if (first.watched_rmse) text += ", test RMSE " + error_text(*first.watched_rmse);
  double rate = 0;
  for (const EpochReport& report : reports) rate += report.ratings_per_second;
  text += fmt::format(", {:.1f} M ratings/s", rate / 1e6);
  const std::chrono::duration<double> spent = Clock::now() - start_;
  return text + (select ? fmt::format(", {}", duration_text(spent.count()))
                        : left(start_, first.epoch, epochs));
}

void TrainingProgress::on_epoch(std::span<const EpochReport> reports) {
  for (const EpochReport& report : reports) console_.event(epoch_json(report, model_key_));
  if (console_.progress() == Console::Progress::none) return;
  const EpochReport& first = reports.front();
  if (std::exchange(phase_, first.phase) != first.phase) {
    start_ = Clock::now() - std::chrono::duration_cast<Clock::duration>(
                                std::chrono::duration<double>(first.seconds));
  }
  const bool every = console_.progress() == Console::Progress::plain;
  if (every || first.epoch == first.epochs || is_due()) show(describe(reports));
}

void TrainingProgress::on_neighbours(std::int64_t done, std::int64_t of) {
  console_.event({{"event", "neighbours"}, {"done", done}, {"of", of}});
  if (console_.progress() == Console::Progress::none || (done < of && !is_due())) return;
  show(fmt::format("finding neighbours, {:.0f}%{}",
                   100 * static_cast<double>(done) / static_cast<double>(of),
                   left(start_, static_cast<double>(done), static_cast<double>(of))));
}

Observer TrainingProgress::observer() {
  Observer observer{&interrupted};
  observer.on_epoch = [this](std::span<const EpochReport> reports) { on_epoch(reports); };
  observer.on_progress = [this](Work what, std::int64_t done, std::int64_t of) {
    if (what == Work::neighbours) on_neighbours(done, of);
  };
  return observer;
}

Observer TuningProgress::observer() {
  Observer observer{&interrupted};
  observer.on_search = [this](const SearchProgress& progress) { on_search(progress); };
  return observer;
}

void TuningProgress::on_search(const SearchProgress& progress) {
  if (!done_before_) done_before_ = progress.done;
  if (!is_due()) return;
  std::string text = fmt::format("{}, {} of {} trials", what_, progress.done, progress.of);
  if (progress.epoch > 0) {
    text += fmt::format(", epoch {}, {:.1f} M ratings/s", progress.epoch,
                        progress.ratings_per_second / 1e6);
  }
  if (const auto done = progress.done - *done_before_; done > 0) {
    text +=
        left(start_, static_cast<double>(done), static_cast<double>(progress.of - *done_before_));
  }
  show(text);
}

Observer WorkProgress::observer() {
  Observer observer{&interrupted};
  observer.on_progress = [this](Work what, std::int64_t done, std::int64_t of) {
    if (what == work_) what == Work::lists ? on_users(done, of) : on_progress(done, of);
  };
  return observer;
}

void WorkProgress::on_progress(std::int64_t done, std::int64_t of) {
  const char* text = work_ == Work::reading ? "reading" : "ranking";
  if (is_due(true)) show(fmt::format("{}, {}%", text, 100 * done / of));
}

void WorkProgress::on_users(std::int64_t done, std::int64_t of) {
  if (console_.progress() != Console::Progress::line || (done < of && !is_due())) return;
  const std::chrono::duration<double> spent = Clock::now() - start_;
  show(fmt::format("recommending, {} of {} users ({}%), {:.0f} users/s{}", done, of,
                   100 * done / of, static_cast<double>(done) / spent.count(),
                   left(start_, static_cast<double>(done), static_cast<double>(of))));
}

}  // namespace tusk::cli
