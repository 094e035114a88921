#include "models/mf/mf.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/models.hpp>

#include "models/epoch_parameters.hpp"
#include "models/mf/mf_by_adam.hpp"
#include "support/text.hpp"
#include "train/epoch_fit.hpp"
#include "train/rating_moments.hpp"
#include "train/run_batch.hpp"
#include "train/search_context.hpp"
#include "train/train_priors.hpp"

namespace tusk {
namespace {

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

MfProblem make_problem(const Dataset& data, const std::vector<MfParams>& params,
                       const TrainingParts& parts) {
  MfProblem problem{data.ratings(), parts.label, data.scale, {}};
  problem.processes = data.processes;
  for (std::size_t m = 0; m < parts.part.size(); ++m) {
    const auto& [part, holdout] = parts.part[m];
    problem.fits.push_back({params[m], part, holdout, mean_rating(data, parts.label, part)});
  }
  return problem;
}

bool is_by_adam(const MfProblem& problem) { return problem.fits.front().params.adam.has_value(); }

std::unique_ptr<MfSession> open(Backend& backend, const MfProblem& problem) {
  return is_by_adam(problem) ? open_mf_by_adam(backend, problem) : backend.open_mf(problem);
}

MfMemory plan_of(Backend& backend, const MfProblem& problem) {
  return is_by_adam(problem) ? plan_mf_by_adam(backend, problem) : backend.plan_mf(problem);
}

// Adds what a model's metadata says of its training.
void describe(const MfParams& params, const MfOptions& options, FitResult& fit,
              std::string_view bits) {
  const auto put = [&](const char* key, const auto& value) {
    fit.metadata[key] = fmt::format("{}", value);
  };
  put("factors", params.factors);
  put("biased", params.biased);
  if (params.adam) {
    put("optimizer", to_string(options.optimizer));
    put("learning_rate", params.user_learning_rate);
    put("weight_decay", params.adam->weight_decay);
    put("batch_size", params.adam->batch_size);
  } else {
    put("user_learning_rate", params.user_learning_rate);
    put("item_learning_rate", params.item_learning_rate);
    put("bias_learning_rate", params.bias_learning_rate);
    put("user_regularization", params.user_regularization);
    put("item_regularization", params.item_regularization);
    put("bias_regularization", params.bias_regularization);
  }
  put("init_std", params.init_std);
  put("seed", params.seed);
  if (!bits.empty()) put("cpu_kernels", bits);
  put("schedule", to_string(options.schedule));
  if (options.decay) put("decay", *options.decay);
  describe_epochs(limits_of(options), fit);
}

EpochFit make_fit(const FitContext& context, const TrainOptions& options,
                  std::span<const LabelSet> train, const std::vector<MfParams>& params) {
  const auto& own = options.as<MfOptions>();
  EpochFit fit{context, limits_of(own), options.seed, train, {}, {}, {}};
  for (const MfParams& one : params) fit.plans.push_back(plan_of(own, one));
  if (context.extras.checkpoint) fit.checkpoint.emplace(context, options, train.front());
  fit.open = [&](const TrainingParts& parts) {
    return open(context.backend, make_problem(context.data, params, parts));
  };
  fit.state = [&](EpochSession& session, std::size_t model, const TrainingParts& parts,
                  bool is_result) {
    MfState state = static_cast<MfSession&>(session).state(model);
    auto priors = is_result && !context.measured_only
                      ? trained_priors(context.backend, state, context.data, parts.label,
                                       parts.part[model].train)
                      : nullptr;
    return make_dot_state(MfOptions::kModel, std::move(state), std::move(priors));
  };
  return fit;
}

// The search's ratings, without models.
MfProblem empty_problem(const SearchContext& context, MfTrainer trainer) {
  return {context.data.ratings(), context.folds.label, context.data.scale, {}, trainer};
}

// The models of a run on all folds.
std::vector<MfFit> fits_of(const SearchContext& context, const SearchRun& run) {
  const Partition& folds = context.folds;
  std::vector<MfFit> fits;
  for (std::size_t f = 0; f < folds.fold_count(); ++f) {
    const auto& [mean, spread] = context.moments(f);
    const MfParams params = mf_params(run.options.as<MfOptions>(), spread, run.options.seed);
    check_params(params);
    fits.push_back({params, folds.train(f), folds.held_out[f], mean});
  }
  return fits;
}

void add_fits(MfProblem& problem, const SearchContext& context, std::span<const SearchRun> runs) {
  for (const SearchRun& run : runs) {
    const auto fits = fits_of(context, run);
    problem.fits.insert(problem.fits.end(), fits.begin(), fits.end());
  }
}

// The runs, trained side by side in one session.
SideBySide open_runs(const SearchContext& context, std::span<const SearchRun> runs,
                     MfTrainer trainer) {
  MfProblem problem = empty_problem(context, trainer);
  add_fits(problem, context, runs);
  SideBySide models;
  for (std::size_t m = 0; m < problem.fits.size(); ++m) {
    const SearchRun& run = runs[m / context.folds.fold_count()];
    models.plans.push_back(plan_of(run.options.as<MfOptions>(), problem.fits[m].params));
  }
  models.limits = [](const TrainOptions& options) { return limits_of(options.as<MfOptions>()); };
  auto session = open(context.backend, problem);
  models.state = [opened = session.get()](std::size_t model) {
    return make_dot_state(MfOptions::kModel, opened->state(model));
  };
  models.session = std::move(session);
  return models;
}

// The runs by Adam or the others.
std::vector<SearchRun> runs_by(std::span<const SearchRun> runs, bool adam) {
  std::vector<SearchRun> some;
  std::copy_if(runs.begin(), runs.end(), std::back_inserter(some), [&](const SearchRun& run) {
    return (run.options.as<MfOptions>().optimizer != Optimizer::sgd) == adam;
  });
  return some;
}

// Trains the runs, `batch` of them side by side. False if the search was stopped.
bool train_runs(SearchContext& context, std::span<const SearchRun> runs, std::size_t batch,
                MfTrainer trainer) {
  for (std::size_t first = 0; first < runs.size(); first += batch) {
    const auto some = runs.subspan(first, std::min(batch, runs.size() - first));
    if (!RunBatch(context, some, open_runs(context, some, trainer)).train()) return false;
  }
  return true;
}

// How many runs by SGD share a session: with halving all of them.
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
  check_halving(context.backend.plan_mf(problem), problem.fits.size());
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
        {.compares_items = true, .has_epochs = true, .uses_gpu = true, .resumes = true},
        mf_parameters()};
    return info;
  }
  std::any defaults() const override { return MfOptions(); }

  void check(const TrainOptions& options) const override {
    const MfOptions& mf = options.as<MfOptions>();
    check_schedule(mf.schedule, mf.decay);
  }

  void check_distributed(const TrainOptions& options) const override {
    const MfOptions& mf = options.as<MfOptions>();
    if (mf.optimizer != Optimizer::sgd) {
      throw ParameterError("distributed", fmt::format("is for {} sgd", option_name("optimizer")));
    }
    if (mf.patience() > 0) {
      throw ParameterError(
          "distributed", fmt::format("needs the number of epochs: give {}", option_name("epochs")));
    }
  }

  std::vector<FitResult> fit(const FitContext& context, const TrainOptions& options,
                             std::span<const LabelSet> train) const override {
    const std::vector<MfParams> params = fit_params(context, options, train);
    auto results = fit_epochs(make_fit(context, options, train, params));
    for (std::size_t m = 0; m < results.size(); ++m) {
      describe(params[m], options.as<MfOptions>(), results[m], context.backend.bits());
    }
    return results;
  }

  MfMemory plan(const FitContext& context, const TrainOptions& options,
                std::span<const LabelSet> train) const override {
    const std::vector<MfParams> params = fit_params(context, options, train);
    MfMemory memory;
    with_first_parts(make_fit(context, options, train, params), [&](const TrainingParts& parts) {
      memory = plan_of(context.backend, make_problem(context.data, params, parts));
    });
    return memory;
  }

  std::optional<int> fixed_epochs(const TrainOptions& options) const override {
    const MfOptions& mf = options.as<MfOptions>();
    return mf.patience() > 0 ? std::nullopt : std::optional(mf.most_epochs());
  }

  void check_runs(const SearchContext& context, std::span<const SearchRun> runs) const override {
    if (!runs.empty()) check_folds_have_users(context, MfOptions::kModel);
    if (context.options.halving && !runs_by(runs, true).empty() && !runs_by(runs, false).empty()) {
      throw UsageError(
          "halving compares settings of mf after as many epochs, but sgd and adam need different "
          "numbers of them: search with one optimizer at a time");
    }
    for (const SearchRun& run : runs) fits_of(context, run);
  }

  bool search(SearchContext& context, std::span<const SearchRun> runs,
              std::span<const SearchRun> all) const override {
    const auto adam = runs_by(runs, true);
    const auto sgd = runs_by(runs, false);
    if (!adam.empty()) {
      const auto plan = [&](std::span<const SearchRun> some) {
        MfProblem problem = empty_problem(context, MfTrainer::automatic);
        add_fits(problem, context, some);
        return plan_mf_by_adam(context.backend, problem);
      };
      const std::size_t batch = networks_at_once(context, adam, plan);
      if (!train_runs(context, adam, batch, MfTrainer::automatic)) return false;
    }
    if (sgd.empty()) return true;
    const MfTrainer trainer = trainer_of(context, runs_by(all, false));
    if (trainer != MfTrainer::automatic) {
      context.trainer = trainer;
      context.report_progress(0, 0);
    }
    return train_runs(context, sgd, runs_at_once(context, sgd, trainer), trainer);
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
