#include "models/pure_svd/pure_svd.hpp"

#include <utility>

#include <fmt/format.h>

#include <tusk/model.hpp>
#include <tusk/models.hpp>

#include "model/model_tensors.hpp"
#include "model/score.hpp"
#include "models/dot_predictor.hpp"
#include "models/interaction_parameters.hpp"
#include "models/interaction_plan.hpp"
#include "models/metadata_options.hpp"
#include "models/pure_svd/singular_vectors.hpp"
#include "train/interactions.hpp"
#include "train/items_of_part.hpp"
#include "train/rating_moments.hpp"

namespace tusk {
namespace {

// A user's factors are the sum over the user's items of weight times factors.
class SumFold : public UserFold {
 public:
  SumFold(const Model& model, const PureSvdOptions& options)
      : model_(model), weight_(options.interactions, model.scale(), model.of_weights()) {}

  std::vector<float> fold(const RatedItems& rated) const override {
    std::vector<float> sum(static_cast<std::size_t>(model_.state().factors), 0);
    for (std::size_t k = 0; k < rated.item.size(); ++k) {
      const float weight = weight_(rated.rating[k]);
      const float* const item = factors_of(rated.item[k]);
      for (std::size_t f = 0; f < sum.size(); ++f) sum[f] += weight * item[f];
    }
    return sum;
  }

  std::vector<std::vector<Contribution>> contributions(
      const RatedItems& rated, std::span<const Index> items) const override {
    std::vector<std::vector<Contribution>> all(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!model_.knows_item(items[i])) continue;
      for (std::size_t k = 0; k < rated.item.size(); ++k) {
        const float weight = weight_(rated.rating[k]);
        if (weight == 0) continue;
        const float product =
            dot(factors_of(rated.item[k]), factors_of(items[i]), model_.state().factors);
        all[i].push_back({rated.item[k], rated.rating[k], weight * product});
      }
    }
    return all;
  }

 private:
  const float* factors_of(Index item) const {
    const MfState& state = model_.state();
    return state.item_factors.data() +
           static_cast<std::size_t>(item) * static_cast<std::size_t>(state.factors);
  }

  const Model& model_;
  InteractionWeight weight_;
};

class PureSvdPredictor : public DotPredictor {
 public:
  PureSvdPredictor(Backend& backend, const Model& model, const PureSvdOptions& options)
      : DotPredictor(backend, model), options_(options) {}

 private:
  std::unique_ptr<const UserFold> make_fold() const override {
    return std::make_unique<SumFold>(model(), options_);
  }

  const PureSvdOptions& options_;
};

// Keeps the training ratings as IalsState does.
class PureSvdState : public ModelState {
 public:
  PureSvdState(MfState factors, const PureSvdOptions& options, std::vector<float> ratings)
      : ModelState(std::move(factors)), options_(options), ratings_(std::move(ratings)) {}

  const AlgorithmInfo& algorithm() const override { return pure_svd_algorithm().info(); }
  bool is_dot_product() const override { return true; }
  std::span<const float> ratings() const override { return ratings_; }
  void save(SafetensorsWriter& writer) const override { write_ratings(writer, ratings_); }
  std::unique_ptr<const Predictor> open(Backend& backend, const Model& model) const override {
    return std::make_unique<PureSvdPredictor>(backend, model, options_);
  }

 private:
  PureSvdOptions options_;
  std::vector<float> ratings_;
};

std::vector<Parameter> pure_svd_parameters() {
  ParameterTable<PureSvdOptions> table("PureSVD");
  Parameter& factors = table.add("factors", TUSK_OPTION(factors), from_to(1, kMostFactors),
                                 "how many singular vectors");
  factors.search = [](float, const std::any&) { return std::string("5..100:log"); };
  factors.aliases = {"n-factors", "rank"};
  table.add("power-iterations", TUSK_OPTION(power_iterations), from_to(0, 1000),
            "products with the matrix that bring random vectors near the singular ones");
  add_interaction_parameters(table, TUSK_OPTION(interactions));
  return table.take();
}

class PureSvd : public Algorithm {
 public:
  const AlgorithmInfo& info() const override {
    static const AlgorithmInfo info = {std::string(PureSvdOptions::kModel),
                                       "truncated singular value decomposition, which makes lists",
                                       {"puresvd"},
                                       {.compares_items = true,
                                        .only_ranks = true,
                                        .order = "by the products of the factors of user and item"},
                                       pure_svd_parameters()};
    return info;
  }
  std::any defaults() const override { return PureSvdOptions(); }

  std::shared_ptr<const ModelState> load(const SafetensorsReader& reader, MfState base,
                                         const SeenItems& seen) const override {
    check_format(base.factors > 0 && !base.biased,
                 "it does not have the tensors of its kind of model");
    return std::make_shared<PureSvdState>(
        std::move(base), options_from_metadata(info(), reader.metadata()).as<PureSvdOptions>(),
        read_ratings(reader, seen.item.size()));
  }

  std::vector<FitResult> fit(const FitContext& context, const TrainOptions& options,
                             std::span<const LabelSet> train) const override {
    const auto& own = options.as<PureSvdOptions>();
    std::vector<FitResult> results;
    for (const LabelSet& part : train) {
      FitResult& result = results.emplace_back();
      result.ratings = count_ratings(context.label, part);
      const SparseMatrixOf weights =
          interactions_of_part(context.data, context.label, part, own.interactions);
      MfState state;
      state.users = context.data.users.size();
      state.items = context.data.items.size();
      state.factors = own.factors;
      state.biased = false;
      state.item_factors = leading_right_vectors(context.backend, weights.view(), own.factors,
                                                 own.power_iterations, options.seed);
      state.user_factors =
          rows_times(context.backend, weights.view(), state.item_factors, own.factors);
      std::vector<float> ratings;
      if (!context.measured_only) ratings = ratings_of_part(context.data, context.label, part);
      result.state = std::make_shared<PureSvdState>(std::move(state), own, std::move(ratings));
      result.metadata["seed"] = fmt::format("{}", options.seed);
      add_metadata(options, result.metadata);
    }
    return results;
  }

  MfMemory plan(const FitContext& context, const TrainOptions& options,
                std::span<const LabelSet> train) const override {
    const auto& own = options.as<PureSvdOptions>();
    return largest_plan(context, own.interactions, train, [&](const SparseMatrixOf& weights) {
      return singular_vector_memory(weights.view(), own.factors);
    });
  }
};

}  // namespace

const Algorithm& pure_svd_algorithm() {
  static const PureSvd algorithm;
  return algorithm;
}

}  // namespace tusk
