#include "models/knn/knn.hpp"

#include <limits>

#include <fmt/format.h>

#include <tusk/models.hpp>

#include "models/bias/bias_parameters.hpp"
#include "models/knn/knn_fit.hpp"
#include "models/knn/knn_metadata.hpp"
#include "models/knn/knn_state.hpp"
#include "train/bias_model.hpp"
#include "train/rating_moments.hpp"

namespace tusk {
namespace {

template <class Options>
std::vector<Parameter> knn_parameters() {
  using enum SimilarityMetric;
  ParameterTable<Options> table("Nearest neighbours");
  const auto search = [](const char* range) {
    return [range](float) { return std::string(range); };
  };
  table.choose("similarity", TUSK_OPTION(similarity),
               std::vector{cosine, centered_cosine, cosine_corated, pearson, msd, pearson_baseline},
               "of whole rows: cosine, centered-cosine; over what both have rated: cosine-corated, "
               "pearson, msd, pearson-baseline");
  table.choose("centring", TUSK_OPTION(centring),
               std::vector{Centring::none, Centring::mean, Centring::z_score, Centring::baseline},
               "what is subtracted from ratings before they are averaged: none, mean (of the user "
               "or item compared), z-score (the same over its standard deviation), baseline (the "
               "bias model)");
  Parameter& neighbours = table.add("neighbours", TUSK_OPTION(neighbours),
                                    from_to(1, kMostNeighbours), "how many neighbours at most");
  neighbours.search = search("10..200:log");
  neighbours.aliases = {"k"};
  table.add("min-neighbours", TUSK_OPTION(min_neighbours), from_to(1, kMostNeighbours),
            "with fewer the centre alone is predicted");
  table.choose("neighbour-policy", TUSK_OPTION(policy),
               std::vector{NeighbourPolicy::raters, NeighbourPolicy::table},
               "raters: the most similar of those with a rating to go by, sought for each "
               "prediction; table: the most similar of all, found in training, those of them with "
               "such a rating");
  Parameter& shrinkage =
      table.add("shrinkage", TUSK_OPTION(shrinkage), from(0),
                "S: similarities over n co-rated count n / (n + S) of their value");
  shrinkage.usual = "100 for pearson-baseline, 0 for the others";
  shrinkage.search = search("10..1000:log");
  Parameter& weight_shrinkage =
      table.add("weight-shrinkage", TUSK_OPTION(weight_shrinkage), from(0),
                "L: sums over neighbours are divided by that of their similarities plus L, so that "
                "little similarity moves a prediction little");
  weight_shrinkage.usual = "0.3 for pearson-baseline, 0 for the others";
  weight_shrinkage.search = search("0.01..3:log");
  table
      .add("min-support", TUSK_OPTION(min_support), from_to(1, std::numeric_limits<int>::max()),
           "with fewer co-rated a similarity is 0")
      .search = search("2..6");
  add_dampings(table, TUSK_OPTION(bias));
  std::vector<Parameter> parameters = table.take();
  for (Parameter& parameter : parameters) {
    if (parameter.group != kDampedMeans) continue;
    parameter.idle = [](const std::any& options) -> std::string {
      if (needs_baseline(std::any_cast<const Options&>(options).params())) return "";
      return "has no effect without a baseline, in {centring} or {similarity}";
    };
  }
  return parameters;
}

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
    check_params(options.as<Options>().params());
  }

  std::shared_ptr<const ModelState> load(const SafetensorsReader& reader, MfState base,
                                         const SeenItems& seen) const override {
    return load_knn(reader, info_, rows_, std::move(base), seen);
  }

  std::vector<FitResult> fit(const FitContext& context, const TrainOptions& options,
                             std::span<const LabelSet> train) const override {
    const Options& own = options.as<Options>();
    const KnnParams params = own.params();
    std::vector<FitResult> results;
    for (const LabelSet& part : train) {
      FitResult& result = results.emplace_back();
      result.ratings = count_ratings(context.label, part);
      const float mean = mean_rating(context.data, context.label, part);
      const bool biased = needs_baseline(params);
      MfState base = biased ? fit_bias(context.data, context.label, part, mean, own.bias)
                            : fit_mean(context.data, mean);
      KnnState knn = fit_knn(context.backend, context.data, context.label, part, rows_, params,
                             base, context.hooks);
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
      min_support(params.similarity.min_support) {}

KnnParams KnnOptions::params() const {
  const bool baseline = similarity == SimilarityMetric::pearson_baseline;
  KnnParams params;
  params.similarity = {similarity, shrinkage.value_or(baseline ? 100.0f : 0.0f), min_support};
  params.centring = centring;
  params.neighbours = neighbours;
  params.min_neighbours = min_neighbours;
  params.policy = policy;
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
