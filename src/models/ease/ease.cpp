#include "models/ease/ease.hpp"

#include <algorithm>
#include <utility>

#include <tusk/models.hpp>

#include "models/ease/ease_fit.hpp"
#include "models/ease/ease_state.hpp"
#include "models/interaction_parameters.hpp"
#include "models/interaction_plan.hpp"
#include "models/metadata_options.hpp"
#include "models/parameter_table.hpp"
#include "train/bias_model.hpp"
#include "train/interactions.hpp"
#include "train/items_of_part.hpp"
#include "train/rating_moments.hpp"

namespace tusk {
namespace {

std::vector<Parameter> ease_parameters() {
  ParameterTable<EaseOptions> table("EASE");
  Parameter& regularization = table.add(
      "regularization", TUSK_OPTION(regularization), from(0),
      "l in the formula: larger values draw the coefficients to 0, above all those of rare "
      "items");
  regularization.search = [](float, const std::any&) { return std::string("20..1000:log"); };
  regularization.aliases = {"reg", "reg-all"};
  Parameter& dropout = table.add(
      "dropout", TUSK_OPTION(dropout), {.low = 0, .high = 0.99},
      "p: p / (1 - p) times how often an item was chosen is added to l for it, as if each "
      "choice were left out at random with probability p");
  dropout.search = [](float, const std::any&) { return std::string("0.1..0.8"); };
  Parameter& neighbours = table.add(
      "neighbours", TUSK_OPTION(neighbours), from_to(1, kMostNeighbours),
      "how many coefficients of each item are kept: fewer make a smaller model with worse lists");
  neighbours.usual = "all";
  neighbours.aliases = {"k"};
  add_interaction_parameters(table, TUSK_OPTION(interactions));
  return table.take();
}

// The diagonal holds sums of squares of weights, which files do not hold above kLargestRating.
void check_diagonal(const EaseWeights& fitted, const SparseMatrixOf& weights,
                    const EaseOptions& options) {
  if (options.interactions.weighting != Weighting::linear) return;
  const auto is_large = [](float value) { return !(value <= kLargestRating); };
  if (std::ranges::any_of(fitted.diagonal, is_large)) refuse_weights(weights.value);
}

class Ease : public Algorithm {
 public:
  const AlgorithmInfo& info() const override {
    static const AlgorithmInfo info = {
        std::string(EaseOptions::kModel),
        "lists by a linear model of every item by all others",
        {"easer"},
        {.compares_items = true,
         .uses_gpu = true,
         .only_ranks = true,
         .order = "by the sum of the coefficients of the items that the user rated"},
        ease_parameters()};
    return info;
  }
  std::any defaults() const override { return EaseOptions(); }

  void check(const TrainOptions& options) const override {
    const auto& own = options.as<EaseOptions>();
    if (own.regularization > 0 || own.dropout > 0) return;
    throw ParameterError("regularization",
                         "and " + option_name("dropout") + " are both 0; one must be above 0");
  }

  std::shared_ptr<const ModelState> load(const SafetensorsReader& reader, MfState base,
                                         const SeenItems& seen) const override {
    return load_ease(reader, std::move(base), seen);
  }

  std::vector<FitResult> fit(const FitContext& context, const TrainOptions& options,
                             std::span<const LabelSet> train) const override {
    const auto& own = options.as<EaseOptions>();
    const auto& [data, label] = std::tie(context.data, context.label);
    std::vector<FitResult> results;
    for (const LabelSet& part : train) {
      FitResult& result = results.emplace_back();
      result.ratings = count_ratings(label, part);
      MfState mean = fit_mean(data, mean_rating(data, label, part));
      const SparseMatrixOf weights = interactions_of_part(data, label, part, own.interactions);
      result.state = std::make_shared<EaseState>(
          std::move(mean), ratings_of_part(data, label, part),
          fit_ease(context.backend, weights, own, method_of(weights), context.observer), own);
      add_metadata(options, result.metadata);
      check_diagonal(static_cast<const EaseState&>(*result.state).weights(), weights, own);
    }
    return results;
  }

  MfMemory plan(const FitContext& context, const TrainOptions& options,
                std::span<const LabelSet> train) const override {
    const auto& own = options.as<EaseOptions>();
    return largest_plan(context, own.interactions, train, [&](const SparseMatrixOf& weights) {
      const Index users = weights.view().rows();
      const auto items = static_cast<Index>(items_with_interactions(weights).size());
      const EaseMethod method = method_of(weights);
      context.backend.check_gram_memory(gram_size(users, items, weights.view().size(), method));
      return ease_memory(users, items, weights.view().size(), own, method);
    });
  }

 private:
  static EaseMethod method_of(const SparseMatrixOf& weights) {
    return choose_ease_method(weights.view().rows(),
                              static_cast<Index>(items_with_interactions(weights).size()));
  }
};

}  // namespace

const Algorithm& ease_algorithm() {
  static const Ease algorithm;
  return algorithm;
}

}  // namespace tusk
