#include "train/run_batch.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/text.hpp"
#include "train/fold_model.hpp"

namespace tusk {
namespace {

// Halving gives candidates up after so many epochs for the first time, and then after three times
// as many as before. Sooner, those that learn fast win, however far they come.
constexpr int kFirstRung = 20;

std::vector<FoldScore> scores_of(std::span<const ModelEpoch> folds) {
  std::vector<FoldScore> scores;
  for (const ModelEpoch& fold : folds) scores.push_back({fold.validation, {}});
  return scores;
}

CurvePoint mean_point(std::span<const ModelEpoch> folds) {
  CurvePoint point;
  point.epoch = folds.front().epoch;
  double validation = 0;
  for (const ModelEpoch& fold : folds) {
    point.train_rmse += fold.train_rmse / static_cast<double>(folds.size());
    validation += fold.validation.rmse() / static_cast<double>(folds.size());
  }
  if (folds.front().validation.count > 0) point.validation_rmse = validation;
  return point;
}

// What the number of epochs is sought by.
double epoch_value(const Metric& metric, std::span<const ModelEpoch> folds) {
  const Metric by = metric.of_lists() ? Metric{} : metric;
  double sum = 0;
  for (const ModelEpoch& fold : folds) sum += value_of(by, fold.validation);
  return sum / static_cast<double>(folds.size());
}

}  // namespace

std::size_t networks_at_once(const SearchContext& context, std::span<const SearchRun> runs,
                             const std::function<MfMemory(std::span<const SearchRun>)>& plan) {
  const std::size_t folds = context.folds.fold_count();
  if (context.options.halving) {
    check_halving(plan(runs), runs.size() * folds);
    return runs.size();
  }
  constexpr std::size_t kModelsAtOnce = 32;
  std::size_t count = std::clamp<std::size_t>(kModelsAtOnce / folds, 1, runs.size());
  const auto fits = [&](std::size_t some) {
    const MfMemory memory = plan(runs.first(some));
    return memory.total() <= memory.available;
  };
  while (count > 1 && !fits(count)) count /= 2;
  return count;
}

void check_halving(const MfMemory& memory, std::size_t models) {
  if (memory.total() <= memory.available) return;
  throw UsageError(fmt::format(
      "halving keeps {} models in memory, which takes {}, and {} are available; search fewer "
      "settings or with fewer factors",
      models, size_text(memory.total()), size_text(memory.available)));
}

void check_folds_have_users(const SearchContext& context, std::string_view model) {
  if (!context.folds.fold_in.any()) return;
  throw UsageError(fmt::format(
      "a search for settings of {} chooses the epochs by the errors on the ratings that folds "
      "hold out, of users whom it trains: users:N holds out whole users",
      model));
}

RunBatch::RunBatch(SearchContext& context, std::span<const SearchRun> runs, SideBySide models)
    : context_(context),
      folds_(context.folds.fold_count()),
      state_(std::move(models.state)),
      session_(std::move(models.session)) {
  for (const SearchRun& run : runs) {
    Progress& progress = runs_.emplace_back();
    progress.run = &run;
    progress.limits = models.limits(run.options);
    progress.first_model = (runs_.size() - 1) * folds_;
  }
  stepper_ = std::make_unique<EpochStepper>(*session_, std::move(models.plans), context.data.scale);
}

bool RunBatch::train() {
  int rung = kFirstRung;
  while (!stepper_->done()) {
    const auto [epochs, validate] = next_step(rung);
    const std::vector<EpochStepper::Epoch>* stepped = nullptr;
    try {
      if (context_.stopped()) throw Interrupted();
      stepped = &stepper_->step(epochs, validate);
    } catch (const Interrupted&) {
      if (context_.options.halving) leave();
      return false;
    }
    double ratings = 0;
    for (const auto& epoch : *stepped) {
      for (const ModelEpoch& model : epoch) ratings += static_cast<double>(model.ratings);
      // The models of a run are retired together.
      for (std::size_t m = 0; m < epoch.size(); m += folds_) {
        follow(runs_[epoch[m].model / folds_], std::span(epoch).subspan(m, folds_));
      }
    }
    context_.report_progress(stepper_->epoch(), ratings / (epochs * stepper_->seconds_per_epoch()));
    context_.add(std::exchange(trials_, {}));
    if (context_.options.halving && stepper_->epoch() == rung) {
      halve();
      rung *= 3;
    }
  }
  return true;
}

std::pair<int, Validate> RunBatch::next_step(int rung) const {
  int epochs = stepper_->epochs_left();
  bool seeks = false;
  for (const Progress& progress : runs_) {
    if (progress.done()) continue;
    if (progress.seeks_epochs()) {
      seeks = true;
    } else {
      const int watched = progress.run->watches[progress.watched].epochs;
      epochs = std::min(epochs, watched - stepper_->epoch());
    }
  }
  if (context_.options.halving) epochs = std::min(epochs, rung - stepper_->epoch());
  const int now = std::min(epochs, most_epochs(seeks));
  if (seeks) return {now, Validate::each};
  return {now, now == epochs ? Validate::last : Validate::never};
}

int RunBatch::most_epochs(bool seeks) const {
  // Where epochs are sought some are trained in vain, once patience has ended among them; lists are
  // made of a model as it is at its best epoch.
  if (seeks && context_.options.metric.of_lists()) return 1;
  constexpr int kAtOnce = 8;
  if (seeks || stepper_->epoch() == 0) return kAtOnce;
  // So that a search which is to stop does so soon, or after an epoch.
  return static_cast<int>(std::clamp(0.2 / stepper_->seconds_per_epoch(), 1.0, 1e6));
}

void RunBatch::follow(Progress& progress, std::span<const ModelEpoch> folds) {
  if (progress.done()) return;  // in an epoch before, of the same step
  progress.curve.push_back(mean_point(folds));
  const int epoch = folds.front().epoch;
  const auto& watches = progress.run->watches;
  if (std::any_of(folds.begin(), folds.end(), [](const ModelEpoch& f) { return f.diverged; })) {
    finish(progress, watches.size() - progress.watched, {}, epoch);
    end(progress);
  } else if (progress.seeks_epochs()) {
    seek(progress, folds);
  } else {
    const auto later =
        std::find_if(watches.begin() + static_cast<std::ptrdiff_t>(progress.watched), watches.end(),
                     [&](const Watch& watch) { return watch.epochs != epoch; });
    const auto count = static_cast<std::size_t>(later - watches.begin()) - progress.watched;
    if (count > 0) finish(progress, count, scores_of(folds), epoch);
  }
}

void RunBatch::seek(Progress& progress, std::span<const ModelEpoch> folds) {
  const int epoch = folds.front().epoch;
  const double value = epoch_value(context_.options.metric, folds);
  if (progress.best_epoch == 0 || value < progress.best_value) {
    progress.best = scores_of(folds);
    progress.best_value = value;
    progress.best_epoch = epoch;
    if (context_.options.metric.of_lists()) {
      for (const ModelEpoch& fold : folds) session_->checkpoint(fold.model);
    }
  }
  const bool out_of_patience = epoch - progress.best_epoch >= progress.limits.patience;
  if (!out_of_patience && epoch < progress.limits.most) return;
  finish(progress, progress.run->watches.size(), progress.best, progress.best_epoch);
  end(progress);
}

// Scores the next `count` watches of the run.
void RunBatch::finish(Progress& progress, std::size_t count, const std::vector<FoldScore>& scores,
                      int epochs) {
  const auto watches = std::span(progress.run->watches).subspan(progress.watched, count);
  const std::size_t first = trials_.size();
  for (const Watch& watch : watches) {
    trials_.push_back({watch.candidate, scores, epochs, progress.curve, {}});
  }
  progress.watched += count;
  if (!context_.options.metric.of_lists() || scores.empty()) return;
  for (std::size_t f = 0; f < folds_; ++f) {
    FitResult fit;
    fit.state = state_(progress.first_model + f);
    const Model model = fold_model(context_.data, context_.folds, f, std::move(fit));
    const auto lists = context_.judge_lists(f, model, watches);
    for (std::size_t w = 0; w < count; ++w) trials_[first + w].folds[f].lists = lists[w];
  }
}

void RunBatch::end(Progress& progress) {
  for (std::size_t f = 0; f < folds_; ++f) stepper_->retire(progress.first_model + f);
}

// Gives up all but the best third of the trials that are left, those that have ended included.
void RunBatch::halve() {
  const int epoch = stepper_->epoch();
  struct Left {
    double value;
    std::size_t candidate;
    Progress* progress;  // null: it has ended
  };
  std::vector<Left> left;
  for (const Trial& trial : context_.trials()) {
    // An interrupted search has done so before.
    if (trial.cut == epoch) return;
    if (trial.cut || trial.folds.empty()) continue;
    const double value = score(fold_values(context_.options.metric, trial)).mean;
    left.push_back({value, trial.candidate, nullptr});
  }
  for (Progress& progress : runs_) {
    if (progress.done()) continue;
    left.push_back({progress.best_value, progress.run->watches.front().candidate, &progress});
  }
  std::sort(left.begin(), left.end(), [](const Left& a, const Left& b) {
    return std::pair(a.value, a.candidate) < std::pair(b.value, b.candidate);
  });
  for (std::size_t place = (left.size() + 2) / 3; place < left.size(); ++place) {
    if (left[place].progress != nullptr) cut(*left[place].progress);
  }
  context_.add(std::exchange(trials_, {}));
}

void RunBatch::cut(Progress& progress) {
  const std::size_t first = trials_.size();
  finish(progress, progress.run->watches.size(), progress.best, progress.best_epoch);
  for (std::size_t t = first; t < trials_.size(); ++t) trials_[t].cut = stepper_->epoch();
  end(progress);
}

void RunBatch::leave() {
  for (Progress& progress : runs_) {
    if (!progress.done() && progress.best_epoch > 0) cut(progress);
  }
  context_.add_unfinished(std::exchange(trials_, {}));
}

}  // namespace tusk
