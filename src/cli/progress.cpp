#include "cli/progress.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tusk/figures.hpp>

#include "cli/command.hpp"
#include "cli/interrupts.hpp"

namespace tusk::cli {
namespace {

std::string duration(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

// The mean over models of what one of them reports.
template <class Value>
double mean(std::span<const EpochReport> reports, const Value& value) {
  double sum = 0;
  for (const EpochReport& report : reports) sum += value(report);
  return sum / static_cast<double>(reports.size());
}

}  // namespace

TrainingProgress::TrainingProgress(Console& console, std::string model_key)
    : console_(console), model_key_(std::move(model_key)), phase_start_(Clock::now()) {}

Json TrainingProgress::to_json(const EpochReport& report) const {
  Json json;
  json["event"] = "epoch";
  if (!model_key_.empty()) json[model_key_] = report.model + 1;
  json["phase"] = report.phase == Phase::select ? "select" : "fit";
  json["epoch"] = report.epoch;
  json["train_rmse"] = report.train_rmse;
  json["validation_rmse"] = report.validation_rmse ? Json(*report.validation_rmse) : Json();
  json["learning_rate"] = json_number(report.learning_rate);
  json["ratings_per_second"] = report.ratings_per_second;
  json["seconds"] = report.seconds;
  return json;
}

std::string TrainingProgress::describe(std::span<const EpochReport> reports) const {
  const EpochReport& first = reports.front();
  const bool select = first.phase == Phase::select;
  std::string text = select ? "choosing epochs" : "training";
  if (!model_key_.empty()) {
    text += fmt::format(" {} {}{}", reports.size(), model_key_, reports.size() == 1 ? "" : "s");
  }
  const int epochs = std::max_element(reports.begin(), reports.end(), [](auto& a, auto& b) {
                       return a.epochs < b.epochs;
                     })->epochs;
  text += select ? fmt::format(", epoch {}", first.epoch)
                 : fmt::format(", epoch {} of {} ({}%)", first.epoch, epochs,
                               100 * first.epoch / epochs);
  text += ", train RMSE " +
          error_text(mean(reports, [](const EpochReport& r) { return r.train_rmse; }));
  if (first.validation_rmse) {
    text += ", validation RMSE " + error_text(mean(reports, [](const EpochReport& r) {
              return r.validation_rmse.value_or(0);
            }));
  }
  double rate = 0;
  for (const EpochReport& report : reports) rate += report.ratings_per_second;
  text += fmt::format(", {:.1f} M ratings/s", rate / 1e6);
  const double spent = std::chrono::duration<double>(Clock::now() - phase_start_).count();
  text += select ? fmt::format(", {}", duration(spent))
                 : fmt::format(", {} left", duration(spent / first.epoch * (epochs - first.epoch)));
  return text;
}

void TrainingProgress::on_epoch(std::span<const EpochReport> reports) {
  for (const EpochReport& report : reports) console_.event(to_json(report));
  if (console_.progress() == Console::Progress::none) return;
  const EpochReport& first = reports.front();
  const auto now = Clock::now();
  if (std::exchange(phase_, first.phase) != first.phase) {
    phase_start_ = now - std::chrono::duration_cast<Clock::duration>(
                             std::chrono::duration<double>(first.seconds));
  }
  if (console_.progress() == Console::Progress::plain) {
    console_.progress_plain(describe(reports));
    return;
  }
  const bool last = first.epoch == first.epochs;
  if (!last && now - last_shown_ < std::chrono::milliseconds(100)) return;
  last_shown_ = now;
  console_.progress_line(describe(reports));
}

void TrainingProgress::on_neighbours(std::int64_t done, std::int64_t of) {
  console_.event({{"event", "neighbours"}, {"done", done}, {"of", of}});
  if (console_.progress() == Console::Progress::none) return;
  const auto now = Clock::now();
  const bool shown = console_.progress() == Console::Progress::line
                         ? now - last_shown_ >= std::chrono::milliseconds(100)
                         : now - last_shown_ >= std::chrono::seconds(10);
  if (!shown && done < of) return;
  last_shown_ = now;
  const double spent = std::chrono::duration<double>(now - phase_start_).count();
  const auto share = static_cast<double>(done) / static_cast<double>(of);
  const std::string text = fmt::format("finding neighbours, {:.0f}%, {} left", 100 * share,
                                       duration(spent / share - spent));
  if (console_.progress() == Console::Progress::line) {
    console_.progress_line(text);
  } else {
    console_.progress_plain(text);
  }
}

TrainHooks TrainingProgress::hooks() {
  return {[this](std::span<const EpochReport> reports) { on_epoch(reports); }, &interrupted,
          [this](std::int64_t done, std::int64_t of) { on_neighbours(done, of); }};
}

void TuningProgress::on_progress(const SearchProgress& progress) {
  if (!done_before_) done_before_ = progress.done;
  if (console_.progress() == Console::Progress::none) return;
  const bool line = console_.progress() == Console::Progress::line;
  const auto now = Clock::now();
  if (now - last_shown_ < (line ? std::chrono::milliseconds(100) : std::chrono::seconds(10)))
    return;
  last_shown_ = now;
  std::string text = fmt::format("{}, {} of {} trials", what_, progress.done, progress.of);
  if (progress.epoch > 0) {
    text += fmt::format(", epoch {}, {:.1f} M ratings/s", progress.epoch,
                        progress.ratings_per_second / 1e6);
  }
  if (const auto done = progress.done - *done_before_; done > 0) {
    const double spent = std::chrono::duration<double>(now - start_).count();
    text += fmt::format(", {} left", duration(spent / static_cast<double>(done) *
                                              static_cast<double>(progress.of - progress.done)));
  }
  line ? console_.progress_line(text) : console_.progress_plain(text);
}

void WorkProgress::on_progress(std::int64_t done, std::int64_t of) {
  if (console_.progress() != Console::Progress::line) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_shown_ < std::chrono::milliseconds(100)) return;
  last_shown_ = now;
  console_.progress_line(fmt::format("{}, {}%", work_, 100 * done / of));
}

void BatchProgress::on_batch(std::int64_t done) {
  if (console_.progress() != Console::Progress::line) return;
  const auto now = Clock::now();
  if (done < users_ && now - last_shown_ < std::chrono::milliseconds(100)) return;
  last_shown_ = now;
  const double spent = std::chrono::duration<double>(now - start_).count();
  const auto share = static_cast<double>(done) / static_cast<double>(users_);
  console_.progress_line(fmt::format("recommending, {} of {} users ({}%), {:.0f} users/s, {} left",
                                     done, users_, 100 * done / users_,
                                     static_cast<double>(done) / spent,
                                     duration(spent / share * (1 - share))));
}

}  // namespace tusk::cli
