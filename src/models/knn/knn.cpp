#include "models/knn/knn.hpp"

#include <fmt/format.h>

#include <tusk/models.hpp>

#include "models/knn/knn_fit.hpp"
#include "models/knn/knn_parameters.hpp"
#include "models/knn/knn_state.hpp"
#include "train/bias_model.hpp"
#include "train/interactions.hpp"
#include "train/rating_moments.hpp"

namespace tusk {
namespace {

template <class Options>
class KnnAlgorithm : public Algorithm {
 public:
  KnnAlgorithm(KnnRows rows, const char* summary)
      : rows_(rows),
        info_{std::string(Options::kModel),
              summary,
              {},
              {.has_neighbours = true, .compares_items = rows == KnnRows::items, .uses_gpu = true},
              knn_parameters<Options>()} {}

  const AlgorithmInfo& info() const override { return info_; }
  std::any defaults() const override { return Options(); }

  void check(const TrainOptions& options) const override {
    const Options& own = options.as<Options>();
    if (own.min_neighbours > own.neighbours) {
      throw ParameterError("min-neighbours", fmt::format("{}", own.min_neighbours),
                           "from 1 to the number of {neighbours}");
    }
    if (own.low_weight && own.policy == NeighbourPolicy::raters) {
      throw ParameterError("low-weight", "needs a {neighbour-policy} of auto or table");
    }
  }

  std::shared_ptr<const ModelState> load(const SafetensorsReader& reader, MfState base,
                                         const SeenItems& seen) const override {
    return load_knn(reader, info_, rows_, std::move(base), seen);
  }

  std::vector<FitResult> fit(const FitContext& context, const TrainOptions& options,
                             std::span<const LabelSet> train) const override {
    const Options& own = options.as<Options>();
    KnnParams params = own.params(context.data.report.implicit);
    if (own.low_weight && !own.relevance) {
      params.relevance = context.data.report.implicit ? 0 : usual_relevance(context.data.scale);
    }
    std::vector<FitResult> results;
    for (const LabelSet& part : train) {
      FitResult& result = results.emplace_back();
      result.ratings = count_ratings(context.label, part);
      const float mean = mean_rating(context.data, context.label, part);
      const bool biased = needs_baseline(params);
      MfState base = biased ? fit_bias(context.data, context.label, part, mean, own.bias)
                            : fit_mean(context.data, mean);
      KnnState knn = fit_knn(context.backend, context.data, context.label, part, rows_, params,
                             base, context.observer);
      result.state = std::make_shared<KnnModelState>(info_, rows_, std::move(base), std::move(knn));
      result.metadata = to_metadata(params);
      if (!biased) continue;
      result.metadata["user_damping"] = fmt::format("{}", own.bias.user_damping);
      result.metadata["item_damping"] = fmt::format("{}", own.bias.item_damping);
    }
    return results;
  }

 private:
  KnnRows rows_;
  AlgorithmInfo info_;
};

}  // namespace

KnnOptions::KnnOptions(const KnnParams& params)
    : similarity(params.similarity.metric),
      centring(params.centring),
      neighbours(params.neighbours),
      min_neighbours(params.min_neighbours),
      policy(params.policy),
      shrinkage(params.similarity.shrinkage),
      weight_shrinkage(params.weight_shrinkage),
      min_support(params.similarity.min_support),
      asymmetry(params.similarity.asymmetry),
      low_weight(params.low_weight) {
  if (low_weight) relevance = params.relevance;
}

KnnParams KnnOptions::params(bool of_weights) const {
  const SimilarityMetric metric = similarity.value_or(
      of_weights ? SimilarityMetric::cosine : SimilarityMetric::pearson_baseline);
  const bool baseline = metric == SimilarityMetric::pearson_baseline;
  KnnParams params;
  params.similarity = default_similarity(metric);
  params.similarity.shrinkage = shrinkage.value_or(params.similarity.shrinkage);
  params.similarity.min_support = min_support;
  if (of_whole_rows(metric)) params.similarity.asymmetry = asymmetry;
  params.centring = centring.value_or(of_weights ? Centring::none : Centring::baseline);
  params.neighbours = neighbours;
  params.min_neighbours = min_neighbours;
  params.policy = policy;
  params.low_weight = low_weight;
  if (low_weight) params.relevance = relevance.value_or(params.relevance);
  params.weight_shrinkage = weight_shrinkage.value_or(baseline ? 0.3f : 0.0f);
  return params;
}

const Algorithm& user_knn_algorithm() {
  static const KnnAlgorithm<UserKnnOptions> algorithm(
      KnnRows::users, "ratings of the item by the most similar users");
  return algorithm;
}

const Algorithm& item_knn_algorithm() {
  static const KnnAlgorithm<ItemKnnOptions> algorithm(
      KnnRows::items, "the user's ratings of the most similar items");
  return algorithm;
}

}  // namespace tusk
