#include "models/mf/mf.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/models.hpp>

#include "data/draw_labels.hpp"
#include "models/mf/mf_batch.hpp"
#include "support/philox.hpp"
#include "support/text.hpp"
#include "train/epoch_loop.hpp"
#include "train/rating_moments.hpp"
#include "train/search_context.hpp"
#include "train/train_priors.hpp"

namespace tusk {
namespace {

// Set in the label of a rating that belongs to the inner hold-out.
constexpr Label kHeldOut = kMaxLabels;

// The labels with a random fraction of the ratings marked kHeldOut.
std::vector<Label> with_holdout(std::span<const Label> label, double fraction, std::uint64_t seed) {
  const auto ratings = static_cast<std::uint32_t>(label.size());
  const auto held = static_cast<std::uint32_t>(std::llround(fraction * ratings));
  RandomSequence random(seed, random_stream(RandomUse::holdout));
  const std::vector<Label> draw = draw_labels({ratings - held, held}, random);
  std::vector<Label> marked(label.begin(), label.end());
  for (std::size_t at = 0; at < marked.size(); ++at) {
    if (draw[at] == 1) marked[at] |= kHeldOut;
  }
  return marked;
}

// The labels of `part` with and without the mark.
struct Parts {
  LabelSet train;
  LabelSet holdout;
};

Parts divide(const LabelSet& part) {
  const LabelSet unmarked = part & (~LabelSet() >> kMaxLabels);
  return {unmarked, unmarked << kMaxLabels};
}

std::vector<MfParams> fit_params(const FitContext& context, const TrainOptions& options,
                                 std::span<const LabelSet> train) {
  std::vector<MfParams> params;
  for (const LabelSet& part : train) {
    const float spread = rating_spread(context.data, context.label, part);
    params.push_back(mf_params(options.as<MfOptions>(), spread, options.seed));
    check_params(params.back());
  }
  return params;
}

// `label` is what with_holdout() gave.
std::vector<Parts> divide_all(const Dataset& data, std::span<const Label> label,
                              std::span<const LabelSet> train) {
  std::vector<Parts> parts;
  for (const LabelSet& part : train) {
    parts.push_back(divide(part));
    if (count_ratings(label, parts.back().train) == 0 ||
        count_ratings(label, parts.back().holdout) == 0) {
      throw InputError({data.source.string(), 0, 0},
                       "too few ratings for an inner hold-out of the training part",
                       fmt::format("more ratings, or a number of {} without {}",
                                   option_name("epochs"), option_name("early-stop")));
    }
  }
  return parts;
}

std::vector<Parts> without_holdout(std::span<const LabelSet> train) {
  std::vector<Parts> parts;
  for (const LabelSet& part : train) parts.push_back({part, LabelSet()});
  return parts;
}

MfProblem make_problem(const Dataset& data, std::span<const Label> label,
                       const std::vector<MfParams>& params, const std::vector<Parts>& parts) {
  MfProblem problem{data.ratings(), label, data.scale, {}};
  for (std::size_t m = 0; m < parts.size(); ++m) {
    const auto& [part, holdout] = parts[m];
    problem.fits.push_back({params[m], part, holdout, mean_rating(data, label, part)});
  }
  return problem;
}

// What a model's metadata says of its training.
std::map<std::string, std::string> describe(const MfParams& params, const MfOptions& options,
                                            const FitResult& fit, std::string_view bits) {
  std::map<std::string, std::string> about;
  const auto put = [&](const char* key, const auto& value) {
    about[key] = fmt::format("{}", value);
  };
  put("factors", params.factors);
  put("biased", params.biased);
  put("user_learning_rate", params.user_learning_rate);
  put("item_learning_rate", params.item_learning_rate);
  put("bias_learning_rate", params.bias_learning_rate);
  put("user_regularization", params.user_regularization);
  put("item_regularization", params.item_regularization);
  put("bias_regularization", params.bias_regularization);
  put("init_std", params.init_std);
  put("seed", params.seed);
  if (!bits.empty()) put("cpu_kernels", bits);
  put("schedule", to_string(options.schedule));
  if (options.decay) put("decay", *options.decay);
  put("epochs", fit.epochs);
  if (fit.interrupted) put("interrupted", true);
  if (options.patience() > 0) {
    put("early_stop", options.patience());
    put("holdout", options.holdout);
    put("refit", fit.refitted);
  }
  if (fit.validation_rmse) put("validation_rmse", *fit.validation_rmse);
  return about;
}

// Trains models on the same data, in one phase or in two.
class MfFitting {
 public:
  MfFitting(const FitContext& context, const TrainOptions& options, std::span<const LabelSet> train)
      : context_(context),
        options_(options.as<MfOptions>()),
        train_(train),
        seed_(options.seed),
        params_(fit_params(context, options, train)),
        results_(train.size()) {
    for (const MfParams& params : params_) {
      loop_.models.push_back(
          {params, options_.schedule, options_.decay.value_or(0), options_.most_epochs()});
    }
  }

  std::vector<FitResult> fit() {
    if (options_.patience() > 0) choose_epochs();
    const bool chosen = options_.patience() > 0;
    if (!chosen || (options_.after_stop == AfterStop::refit && !results_.front().interrupted)) {
      train_all();
    }
    for (std::size_t m = 0; m < results_.size(); ++m) {
      FitResult& result = results_[m];
      result.still_learning =
          chosen && result.epochs + options_.patience() > options_.most_epochs();
      result.metadata = describe(params_[m], options_, result, context_.backend.bits());
    }
    return std::move(results_);
  }

  MfMemory plan() const {
    if (options_.patience() == 0) return plan_of(context_.label, without_holdout(train_));
    const auto labels = with_holdout(context_.label, options_.holdout, seed_);
    return plan_of(labels, divide_all(context_.data, labels, train_));
  }

 private:
  MfMemory plan_of(std::span<const Label> labels, const std::vector<Parts>& parts) const {
    return context_.backend.plan_mf(make_problem(context_.data, labels, params_, parts));
  }

  void choose_epochs() {
    const auto labels = with_holdout(context_.label, options_.holdout, seed_);
    loop_.phase = Phase::select;
    loop_.patience = options_.patience();
    run(labels, divide_all(context_.data, labels, train_));
    for (std::size_t m = 0; m < results_.size(); ++m) loop_.models[m].epochs = results_[m].epochs;
    loop_.patience.reset();
  }

  void train_all() {
    loop_.phase = Phase::fit;
    try {
      run(context_.label, without_holdout(train_));
    } catch (const Interrupted&) {  // before the first epoch
      if (results_.front().epochs == 0) throw;
      for (FitResult& result : results_) result.interrupted = true;
    }
  }

  // Runs the epochs of the loop and takes the states, unless they were interrupted and there are
  // better ones from before.
  void run(std::span<const Label> labels, const std::vector<Parts>& parts) {
    const auto session =
        context_.backend.open_mf(make_problem(context_.data, labels, params_, parts));
    const EpochOutcomes outcomes = run_epochs(*session, loop_);
    for (std::size_t m = 0; m < results_.size(); ++m) {
      const EpochOutcome& outcome = outcomes.model[m];
      FitResult& result = results_[m];
      result.interrupted = outcomes.interrupted;
      if (outcomes.interrupted && result.epochs > 0) continue;
      MfState state = session->state(m);
      // A model that another will follow needs none.
      const bool last = !loop_.patience || options_.after_stop == AfterStop::best;
      const bool wanted = last && !context_.measured_only && !outcomes.interrupted;
      auto priors =
          wanted ? trained_priors(context_.backend, state, context_.data, labels, parts[m].train)
                 : nullptr;
      result.state = make_dot_state(MfOptions::kModel, std::move(state), std::move(priors));
      result.epochs = loop_.patience ? outcome.best : outcome.trained;
      result.ratings = outcome.ratings;
      result.refitted = loop_.phase == Phase::fit && options_.patience() > 0;
      if (loop_.patience) result.validation_rmse = outcome.validation_rmse;
    }
  }

  const FitContext& context_;
  const MfOptions& options_;
  std::span<const LabelSet> train_;
  std::uint64_t seed_;
  std::vector<MfParams> params_;
  std::vector<FitResult> results_;
  EpochLoop loop_{context_.observer, context_.data.scale};
};

void add_fits(MfProblem& problem, const SearchContext& context, std::span<const SearchRun> runs) {
  for (const SearchRun& run : runs) {
    const auto fits = fits_of(context, run);
    problem.fits.insert(problem.fits.end(), fits.begin(), fits.end());
  }
}

// How many runs share a session: with halving all of them.
std::size_t runs_at_once(const SearchContext& context, std::span<const SearchRun> runs,
                         MfTrainer trainer) {
  MfProblem problem = empty_problem(context, trainer);
  if (!context.options.halving) {
    const auto largest = std::max_element(runs.begin(), runs.end(), [](auto& a, auto& b) {
      return a.options.template as<MfOptions>().factors <
             b.options.template as<MfOptions>().factors;
    });
    problem.fits = fits_of(context, *largest);
    const auto models = static_cast<std::size_t>(context.backend.models_at_once(problem));
    return std::max<std::size_t>(1, models / context.folds.fold_count());
  }
  add_fits(problem, context, runs);
  const MfMemory memory = context.backend.plan_mf(problem);
  if (memory.total() > memory.available) {
    throw UsageError(fmt::format(
        "halving keeps {} models in memory, which takes {}, and {} are available; search fewer "
        "settings or with fewer factors",
        problem.fits.size(), size_text(memory.total()), size_text(memory.available)));
  }
  return runs.size();
}

// The trainer of a search whose runs are `all`, however many of them are left: it is that of the
// first session of a search that begins.
MfTrainer trainer_of(const SearchContext& context, std::span<const SearchRun> all) {
  if (context.options.trainer != MfTrainer::automatic) return context.options.trainer;
  const std::size_t batch = runs_at_once(context, all, MfTrainer::automatic);
  MfProblem problem = empty_problem(context, MfTrainer::automatic);
  add_fits(problem, context, all.first(std::min(batch, all.size())));
  return context.backend.choose_trainer(problem);
}

class MfAlgorithm : public DotAlgorithm {
 public:
  const AlgorithmInfo& info() const override {
    static const AlgorithmInfo info = {
        "mf",
        "biased matrix factorization",
        {"svd", "funk-svd"},
        {.compares_items = true, .has_epochs = true, .uses_gpu = true},
        mf_parameters()};
    return info;
  }
  std::any defaults() const override { return MfOptions(); }

  void check(const TrainOptions& options) const override {
    const MfOptions& mf = options.as<MfOptions>();
    if (mf.schedule == Schedule::constant) {
      if (mf.decay) {
        throw ParameterError(
            "decay", fmt::format("needs {} inverse or exponential", option_name("schedule")));
      }
    } else if (!mf.decay) {
      throw ParameterError(
          "schedule", fmt::format("{} needs {}", to_string(mf.schedule), option_name("decay")));
    } else if (mf.schedule == Schedule::exponential && !(0 < *mf.decay && *mf.decay <= 1)) {
      throw ParameterError("decay", fmt::format("{}", *mf.decay), "above 0 and at most 1");
    }
  }

  std::vector<FitResult> fit(const FitContext& context, const TrainOptions& options,
                             std::span<const LabelSet> train) const override {
    return MfFitting(context, options, train).fit();
  }

  MfMemory plan(const FitContext& context, const TrainOptions& options,
                std::span<const LabelSet> train) const override {
    return MfFitting(context, options, train).plan();
  }

  std::optional<int> fixed_epochs(const TrainOptions& options) const override {
    const MfOptions& mf = options.as<MfOptions>();
    return mf.patience() > 0 ? std::nullopt : std::optional(mf.most_epochs());
  }

  void check_runs(const SearchContext& context, std::span<const SearchRun> runs) const override {
    if (!runs.empty() && context.folds.fold_in.any()) {
      throw UsageError(
          "a search for settings of mf chooses the epochs by the errors on the ratings that folds "
          "hold out, of users whom it trains: users:N holds out whole users");
    }
    for (const SearchRun& run : runs) fits_of(context, run);
  }

  bool search(SearchContext& context, std::span<const SearchRun> runs,
              std::span<const SearchRun> all) const override {
    const MfTrainer trainer = trainer_of(context, all);
    if (trainer != MfTrainer::automatic) {
      context.trainer = trainer;
      context.report_progress(0, 0);
    }
    const std::size_t batch = runs_at_once(context, runs, trainer);
    for (std::size_t first = 0; first < runs.size(); first += batch) {
      MfBatch trained(context, runs.subspan(first, std::min(batch, runs.size() - first)), trainer);
      if (!trained.train()) return false;
    }
    return true;
  }

 private:
  bool has(const MfState& state) const override { return state.factors > 0; }
};

}  // namespace

const Algorithm& mf_algorithm() {
  static const MfAlgorithm algorithm;
  return algorithm;
}

}  // namespace tusk
