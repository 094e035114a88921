#include "models/neural/neural.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "models/adam_parameters.hpp"
#include "models/epoch_parameters.hpp"
#include "models/metadata_options.hpp"
#include "models/neural/item_vectors.hpp"
#include "models/neural/neural_state.hpp"
#include "support/host_memory.hpp"
#include "train/epoch_fit.hpp"
#include "train/items_of_part.hpp"
#include "train/rating_moments.hpp"
#include "train/run_batch.hpp"

namespace tusk {
namespace {

ModelPlan plan_of(const NeuralOptions& options) {
  ModelPlan plan;
  plan.learning_rate = plan.rate = options.learning_rate;
  plan.schedule = options.schedule;
  plan.decay = options.decay.value_or(0);
  plan.epochs = options.most_epochs();
  return plan;
}

NeuralProblem make_problem(const Dataset& data, const TrainOptions& options,
                           const CsrView& features, const TrainingParts& parts) {
  const NeuralParams params = neural_params(options.as<NeuralOptions>(), options.seed);
  NeuralProblem problem{data.ratings(), parts.label, data.scale, {}};
  for (const auto& [part, holdout] : parts.part) {
    problem.fits.push_back({params, part, holdout, mean_rating(data, parts.label, part), features});
  }
  return problem;
}

// The share of the ratings' variance that a good model leaves, about that of MovieLens.
constexpr float kNoiseShare = 0.6f;

std::shared_ptr<const ModelState> make_state(const Dataset& data, NeuralWeights weights, float mean,
                                             float spread, const CsrView& features,
                                             std::vector<float> ratings,
                                             const NeuralOptions& options) {
  MfState base;
  base.users = data.users.size();
  base.items = data.items.size();
  base.factors = options.factors;
  base.biased = options.biased;
  base.mean = mean;
  base.user_factors = std::move(weights.user);
  base.item_factors = std::move(weights.item);
  base.user_bias = std::move(weights.user_bias);
  base.item_bias = std::move(weights.item_bias);
  NeuralParts parts{std::move(weights.network), kNoiseShare * spread * spread, {}};
  for (Index item = 0; item < features.rows(); ++item) {
    parts.described.push_back(features.row(item).empty() ? 0 : 1);
  }
  return std::make_shared<NeuralState>(std::move(base), std::move(parts), std::move(ratings),
                                       options);
}

// The vectors of items that the runs of a search need, each made once.
class FeaturesOfRuns {
 public:
  FeaturesOfRuns(const Dataset& data, std::span<const SearchRun> runs) {
    for (const SearchRun& run : runs) {
      const auto& options = run.options.as<NeuralOptions>();
      const auto [place, is_new] = vectors_.try_emplace(key(options));
      if (is_new) place->second = item_vectors(data, options);
    }
  }
  CsrView of(const NeuralOptions& options) const { return view_of(vectors_.at(key(options))); }

 private:
  using Key = std::pair<ItemFeatures, std::string>;
  static Key key(const NeuralOptions& options) {
    return {options.item_features, options.embeddings};
  }
  std::map<Key, SparseMatrixOf> vectors_;
};

NeuralProblem problem_of_runs(const SearchContext& context, std::span<const SearchRun> runs,
                              const FeaturesOfRuns& features) {
  const Partition& folds = context.folds;
  NeuralProblem problem{context.data.ratings(), folds.label, context.data.scale, {}};
  for (const SearchRun& run : runs) {
    const auto& options = run.options.as<NeuralOptions>();
    for (std::size_t f = 0; f < folds.fold_count(); ++f) {
      problem.fits.push_back({neural_params(options, run.options.seed), folds.train(f),
                              folds.held_out[f], context.moments(f).mean, features.of(options)});
    }
  }
  return problem;
}

SideBySide open_runs(const SearchContext& context, std::span<const SearchRun> runs,
                     const FeaturesOfRuns& features) {
  auto session = context.backend.open_neural(problem_of_runs(context, runs, features));
  const std::size_t folds = context.folds.fold_count();
  SideBySide models;
  for (const SearchRun& run : runs) {
    models.plans.insert(models.plans.end(), folds, plan_of(run.options.as<NeuralOptions>()));
  }
  models.limits = [](const TrainOptions& options) {
    return limits_of(options.as<NeuralOptions>());
  };
  models.state = [opened = session.get(), &context, &features, runs, folds](std::size_t model) {
    const auto& options = runs[model / folds].options.as<NeuralOptions>();
    const auto& [mean, spread] = context.moments(model % folds);
    return make_state(context.data, opened->state(model), mean, spread, features.of(options), {},
                      options);
  };
  models.session = std::move(session);
  return models;
}

class Neural : public Algorithm {
 public:
  const AlgorithmInfo& info() const override {
    static const AlgorithmInfo info = {
        std::string(NeuralOptions::kModel),
        "a neural network over embeddings of users and items",
        {"collabfnet", "neumf", "ncf"},
        {.compares_items = true, .has_epochs = true, .uses_gpu = true},
        neural_parameters()};
    return info;
  }
  std::any defaults() const override { return NeuralOptions(); }

  void check(const TrainOptions& options) const override {
    const auto& own = options.as<NeuralOptions>();
    check_schedule(own.schedule, own.decay);
    const NeuralParams params = neural_params(own, options.seed);
    if (params.hidden.empty() && !params.products) {
      throw ParameterError("hidden", fmt::format("none needs the products that {} leaves out",
                                                 option_name("no-products")));
    }
    if (params.decoupled) check_adamw(params.learning_rate, params.weight_decay);
  }

  std::shared_ptr<const ModelState> load(const SafetensorsReader& reader, MfState base,
                                         const SeenItems& seen) const override {
    return load_neural(reader, std::move(base), seen);
  }

  std::vector<FitResult> fit(const FitContext& context, const TrainOptions& options,
                             std::span<const LabelSet> train) const override {
    const auto& own = options.as<NeuralOptions>();
    const SparseMatrixOf vectors = item_vectors(context.data, own);
    const CsrView features = view_of(vectors);
    EpochFit fit = make_fit(context, options, train, features);
    fit.state = [&](EpochSession& session, std::size_t model, const TrainingParts& parts, bool) {
      const LabelSet& part = parts.part[model].train;
      std::vector<float> ratings;
      // Of all that the model knows, the inner hold-out included.
      if (!context.measured_only) {
        ratings = ratings_of_part(context.data, context.label, train[model]);
      }
      return make_state(context.data, static_cast<NeuralSession&>(session).state(model),
                        mean_rating(context.data, parts.label, part),
                        rating_spread(context.data, parts.label, part), features,
                        std::move(ratings), own);
    };
    auto results = fit_epochs(std::move(fit));
    for (FitResult& result : results) {
      add_metadata(options, result.metadata);
      result.metadata["seed"] = fmt::format("{}", options.seed);
      if (const auto bits = context.backend.bits(); !bits.empty()) {
        result.metadata["cpu_kernels"] = bits;
      }
      describe_epochs(limits_of(own), result);
    }
    return results;
  }

  MfMemory plan(const FitContext& context, const TrainOptions& options,
                std::span<const LabelSet> train) const override {
    const SparseMatrixOf vectors = item_vectors(context.data, options.as<NeuralOptions>());
    const CsrView features = view_of(vectors);
    MfMemory memory;
    with_first_parts(make_fit(context, options, train, features), [&](const TrainingParts& parts) {
      memory = context.backend.plan_neural(make_problem(context.data, options, features, parts));
    });
    return memory;
  }

  std::optional<int> fixed_epochs(const TrainOptions& options) const override {
    const auto& own = options.as<NeuralOptions>();
    return own.patience() > 0 ? std::nullopt : std::optional(own.most_epochs());
  }

  void check_runs(const SearchContext& context, std::span<const SearchRun> runs) const override {
    if (!runs.empty()) check_folds_have_users(context, NeuralOptions::kModel);
  }

  bool search(SearchContext& context, std::span<const SearchRun> runs,
              std::span<const SearchRun>) const override {
    if (runs.empty()) return true;
    const FeaturesOfRuns features(context.data, runs);
    const std::size_t batch = networks_at_once(context, runs, [&](auto some) {
      return context.backend.plan_neural(problem_of_runs(context, some, features));
    });
    for (std::size_t first = 0; first < runs.size(); first += batch) {
      const auto some = runs.subspan(first, std::min(batch, runs.size() - first));
      if (!RunBatch(context, some, open_runs(context, some, features)).train()) return false;
    }
    return true;
  }

 private:
  static EpochFit make_fit(const FitContext& context, const TrainOptions& options,
                           std::span<const LabelSet> train, const CsrView& features) {
    const auto& own = options.as<NeuralOptions>();
    EpochFit fit{context, limits_of(own), options.seed, train, {}, {}, {}};
    fit.plans.assign(train.size(), plan_of(own));
    fit.open = [&](const TrainingParts& parts) {
      return context.backend.open_neural(make_problem(context.data, options, features, parts));
    };
    return fit;
  }
};

}  // namespace

const Algorithm& neural_algorithm() {
  static const Neural algorithm;
  return algorithm;
}

}  // namespace tusk
