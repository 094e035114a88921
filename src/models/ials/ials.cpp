#include "models/ials/ials.hpp"

#include <chrono>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/model.hpp>

#include "model/model_tensors.hpp"
#include "models/ials/ials_predictor.hpp"
#include "models/ials/ials_state.hpp"
#include "models/interaction_plan.hpp"
#include "models/metadata_options.hpp"
#include "train/interactions.hpp"
#include "train/items_of_part.hpp"
#include "train/rating_moments.hpp"

namespace tusk {

IalsState::IalsState(MfState factors, const IalsOptions& options, std::vector<float> ratings)
    : ModelState(std::move(factors)), options_(options), ratings_(std::move(ratings)) {}

const AlgorithmInfo& IalsState::algorithm() const { return ials_algorithm().info(); }

void IalsState::save(SafetensorsWriter& writer) const { write_ratings(writer, ratings_); }

std::unique_ptr<const Predictor> IalsState::open(Backend& backend, const Model& model) const {
  return std::make_unique<IalsPredictor>(backend, model, *this);
}

namespace {

// How far training has come.
struct Progress {
  int epochs = 0;
  bool interrupted = false;
};

// Runs the epochs until there is an interrupt. Throws DivergedError.
Progress run_als(AlsSession& session, const IalsOptions& options, std::size_t model,
                 std::int64_t interactions, const Observer& observer) {
  using Clock = std::chrono::steady_clock;
  Progress progress;
  while (progress.epochs < options.epochs) {
    if (observer.stops()) {
      progress.interrupted = true;
      break;
    }
    const auto start = Clock::now();
    double loss = 0;
    try {
      loss = session.run_epoch();
    } catch (const Interrupted&) {
      progress.interrupted = true;
      break;
    }
    ++progress.epochs;
    if (!std::isfinite(loss)) {
      throw DivergedError(progress.epochs, "init-std", als_params(options, 0).init_std);
    }
    EpochReport report;
    report.model = model;
    report.epoch = progress.epochs;
    report.epochs = options.epochs;
    report.loss = loss;
    report.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    report.ratings_per_second = static_cast<double>(interactions) / report.seconds;
    observer.report(std::span(&report, 1));
  }
  return progress;
}

class Ials : public Algorithm {
 public:
  const AlgorithmInfo& info() const override {
    static const AlgorithmInfo info = {std::string(IalsOptions::kModel),
                                       "implicit alternating least squares, which makes lists",
                                       {"als", "wrmf", "implicit-als"},
                                       {.compares_items = true,
                                        .has_epochs = true,
                                        .uses_gpu = true,
                                        .only_ranks = true,
                                        .order = "by the products of the factors of user and item"},
                                       ials_parameters()};
    return info;
  }
  std::any defaults() const override { return IalsOptions(); }

  std::optional<int> fixed_epochs(const TrainOptions& options) const override {
    return options.as<IalsOptions>().epochs;
  }

  std::shared_ptr<const ModelState> load(const SafetensorsReader& reader, MfState base,
                                         const SeenItems& seen) const override {
    check_format(base.factors > 0 && !base.biased,
                 "it does not have the tensors of its kind of model");
    return std::make_shared<IalsState>(
        std::move(base), options_from_metadata(info(), reader.metadata()).as<IalsOptions>(),
        read_ratings(reader, seen.item.size()));
  }

  std::vector<FitResult> fit(const FitContext& context, const TrainOptions& options,
                             std::span<const LabelSet> train) const override {
    const auto& own = options.as<IalsOptions>();
    std::vector<FitResult> results;
    for (const LabelSet& part : train) {
      FitResult& result = results.emplace_back();
      result.ratings = count_ratings(context.label, part);
      const SparseMatrixOf weights =
          interactions_of_part(context.data, context.label, part, own.interactions);
      const AlsProblem problem{weights.view(), als_params(own, options.seed)};
      const auto session = context.backend.open_als(problem);
      const Progress progress =
          run_als(*session, own, results.size() - 1, weights.view().size(), context.observer);
      // Of several models all or none are trained.
      if (progress.interrupted && (progress.epochs == 0 || train.size() > 1)) throw Interrupted();
      result.epochs = progress.epochs;
      result.interrupted = progress.interrupted;
      std::vector<float> ratings;
      if (!context.measured_only) ratings = ratings_of_part(context.data, context.label, part);
      result.state = std::make_shared<IalsState>(session->state(), own, std::move(ratings));
      describe(options, problem.params, result, context.backend.bits());
    }
    return results;
  }

  MfMemory plan(const FitContext& context, const TrainOptions& options,
                std::span<const LabelSet> train) const override {
    const auto& own = options.as<IalsOptions>();
    return largest_plan(context, own.interactions, train, [&](const SparseMatrixOf& weights) {
      return context.backend.plan_als({weights.view(), als_params(own, options.seed)});
    });
  }

 private:
  void describe(const TrainOptions& options, const AlsParams& params, FitResult& result,
                std::string_view bits) const {
    add_metadata(options, result.metadata);
    result.metadata["init_std"] = fmt::format("{}", params.init_std);
    result.metadata["seed"] = fmt::format("{}", params.seed);
    result.metadata["epochs"] = fmt::format("{}", result.epochs);
    if (result.interrupted) result.metadata["interrupted"] = "true";
    if (!bits.empty()) result.metadata["cpu_kernels"] = bits;
  }
};

}  // namespace

const Algorithm& ials_algorithm() {
  static const Ials algorithm;
  return algorithm;
}

}  // namespace tusk
