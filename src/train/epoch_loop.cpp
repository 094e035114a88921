#include "train/epoch_loop.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <tusk/error.hpp>

#include "train/train_options.hpp"

namespace tusk {
namespace {

double rmse(const SquaredError& error) {
  return std::sqrt(error.sum / static_cast<double>(error.count));
}

// Beyond this a model has left the ratings behind, though it may take some epochs more to reach
// infinity.
double largest_sane_error(RatingScale scale) {
  const float largest =
      std::max({std::abs(scale.low), std::abs(scale.high), scale.high - scale.low});
  return largest > 0 ? 10 * largest : 10;
}

// Names the rate that is most likely too high.
[[noreturn]] void throw_diverged(int epoch, const MfParams& params, float factor) {
  const float rate = std::max(params.user_learning_rate, params.item_learning_rate);
  if (params.biased && params.bias_learning_rate > rate) {
    throw DivergedError(epoch, "bias-learning-rate", params.bias_learning_rate * factor);
  }
  throw DivergedError(epoch, "learning-rate", rate * factor);
}

}  // namespace

EpochOutcomes run_epochs(MfSession& session, const EpochLoop& loop) {
  using Clock = std::chrono::steady_clock;
  const std::size_t models = loop.epochs.size();
  EpochOutcomes outcomes{std::vector<EpochOutcome>(models)};
  std::vector<bool> active(models, true);
  std::vector<EpochReport> reports;
  const int most_epochs = *std::max_element(loop.epochs.begin(), loop.epochs.end());
  for (int epoch = 1; epoch <= most_epochs; ++epoch) {
    if (std::none_of(active.begin(), active.end(), [](bool a) { return a; })) break;
    if (loop.hooks.should_stop && loop.hooks.should_stop()) {
      outcomes.interrupted = true;
      break;
    }
    const float factor = schedule_factor(loop.options, epoch);
    const auto start = Clock::now();
    const auto train = session.run_epoch(std::vector<float>(models, factor));
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    const auto validation = loop.patience ? session.validate() : std::vector<ErrorSums>(models);
    reports.clear();
    for (std::size_t m = 0; m < models; ++m) {
      if (!active[m]) continue;
      EpochReport report;
      report.model = m;
      report.phase = loop.phase;
      report.epoch = epoch;
      report.epochs = loop.epochs[m];
      report.train_rmse = rmse(train[m]);
      report.learning_rate = loop.params[m].user_learning_rate * factor;
      report.seconds = seconds;
      report.ratings_per_second = static_cast<double>(train[m].count) / seconds;
      if (loop.patience) report.validation_rmse = validation[m].rmse();
      const bool sane = report.train_rmse <= largest_sane_error(loop.scale) &&
                        std::isfinite(report.validation_rmse.value_or(0));
      if (!sane) throw_diverged(epoch, loop.params[m], factor);
      reports.push_back(report);

      EpochOutcome& outcome = outcomes.model[m];
      outcome.trained = epoch;
      outcome.ratings = train[m].count;
      if (loop.patience && (epoch == 1 || *report.validation_rmse < *outcome.validation_rmse)) {
        outcome.best = epoch;
        outcome.validation_rmse = report.validation_rmse;
        session.checkpoint(m);
      }
      const bool out_of_patience = loop.patience && epoch - outcome.best >= *loop.patience;
      if (epoch == loop.epochs[m] || out_of_patience) {
        active[m] = false;
        session.retire(m);
      }
    }
    if (loop.hooks.on_epoch) loop.hooks.on_epoch(reports);
  }
  return outcomes;
}

}  // namespace tusk
