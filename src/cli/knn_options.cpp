#include "cli/knn_options.hpp"

#include <limits>

#include <fmt/format.h>

#include <tusk/train.hpp>

#include "cli/validators.hpp"

namespace tusk::cli {

void KnnOptions::declare(CLI::App& app) {
  const KnnParams user = default_knn_params(ModelKind::user_knn);
  const KnnParams item = default_knn_params(ModelKind::item_knn);
  // `of` gives a default from the parameters of a kind of model.
  const auto add = [&](const char* name, auto& value, const std::string& help, const auto& of) {
    const std::string of_user = fmt::format("{}", of(user));
    const std::string of_item = fmt::format("{}", of(item));
    const std::string usual =
        of_user == of_item ? of_user
                           : fmt::format("{} for user-knn, {} for item-knn", of_user, of_item);
    CLI::Option* const option =
        app.add_option(name, value, fmt::format("{} (default: {})", help, usual))
            ->group("Nearest neighbours (--model user-knn, item-knn)");
    declared_.push_back(option);
    return option;
  };
  add("--similarity", similarity_,
      "of whole rows: cosine, centered-cosine; over what both have rated: cosine-corated, pearson, "
      "msd, pearson-baseline",
      [](const KnnParams& p) { return to_string(p.similarity.metric); });
  add("--shrinkage", shrinkage_,
      "S: similarities over n co-rated count n / (n + S) of their value; where --similarity is "
      "given, "
      "100 for pearson-baseline and 0 for the others",
      [](const KnnParams& p) { return p.similarity.shrinkage; })
      ->check(number_from(0));
  add("--min-support", min_support_, "with fewer co-rated a similarity is 0",
      [](const KnnParams& p) { return p.similarity.min_support; })
      ->check(whole_number(1, std::numeric_limits<int>::max()));
  add("--centring", centring_,
      "what is subtracted from ratings before they are averaged: none, mean (of the user or item "
      "compared), z-score (the same over its standard deviation), baseline (the bias model)",
      [](const KnnParams& p) { return to_string(p.centring); });
  add("-k,--neighbours", neighbours_, "how many neighbours at most", [](const KnnParams& p) {
    return p.neighbours;
  })->check(whole_number(1, kMostNeighbours));
  add("--min-neighbours", min_neighbours_, "with fewer the centre alone is predicted",
      [](const KnnParams& p) { return p.min_neighbours; })
      ->check(whole_number(1, kMostNeighbours));
  add("--neighbour-policy", policy_,
      "raters: the most similar of those with a rating to go by, sought for each prediction; "
      "table: the most similar of all, found in training, those of them with such a rating",
      [](const KnnParams& p) { return to_string(p.policy); });
  add("--weight-shrinkage", weight_shrinkage_,
      "L: sums over neighbours are divided by that of their similarities plus L, so that little "
      "similarity moves a prediction little; where --similarity is given, 0.3 for pearson-baseline "
      "and 0 for the others",
      [](const KnnParams& p) { return p.weight_shrinkage; })
      ->check(number_from(0));
}

KnnParams KnnOptions::params(ModelKind kind) const {
  KnnParams params = default_knn_params(kind);
  const auto take = [](const auto& given, auto& value) {
    if (given) value = *given;
  };
  if (similarity_) {
    // A default shrinkage is of its metric.
    const SimilarityMetric metric = parse_similarity_metric(*similarity_);
    if (metric != params.similarity.metric) {
      params.similarity = default_similarity(metric);
      params.weight_shrinkage = 0;
    }
  }
  take(shrinkage_, params.similarity.shrinkage);
  take(min_support_, params.similarity.min_support);
  if (centring_) params.centring = parse_centring(*centring_);
  take(neighbours_, params.neighbours);
  take(min_neighbours_, params.min_neighbours);
  if (policy_) params.policy = parse_neighbour_policy(*policy_);
  take(weight_shrinkage_, params.weight_shrinkage);
  return params;
}

}  // namespace tusk::cli
