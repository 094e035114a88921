// The parameters of neighbour models: their table, and a model file's metadata by it.
#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include <tusk/models.hpp>

#include "models/bias/bias_parameters.hpp"
#include "models/parameter_table.hpp"

namespace tusk {

inline constexpr const char* kNearestNeighbours = "Nearest neighbours";

template <class Options>
std::vector<Parameter> knn_parameters() {
  using enum SimilarityMetric;
  ParameterTable<Options> table(kNearestNeighbours);
  const auto search = [](const char* range) {
    return [range](float, const std::any&) { return std::string(range); };
  };
  table
      .choose("similarity", TUSK_OPTION(similarity),
              std::vector{cosine, centered_cosine, cosine_corated, pearson, msd, pearson_baseline},
              "of whole rows: cosine, centered-cosine; over what both have rated: cosine-corated, "
              "pearson, msd, pearson-baseline")
      .usual = "pearson-baseline, with {implicit} cosine";
  table
      .choose("centring", TUSK_OPTION(centring),
              std::vector{Centring::none, Centring::mean, Centring::z_score, Centring::baseline,
                          Centring::user_mean},
              "what is subtracted from ratings before they are averaged: none, mean (of the user "
              "or item compared), z-score (the same over its standard deviation), baseline (the "
              "bias model), user-mean (the mean of the user, whatever is compared)")
      .usual = "baseline, with {implicit} none";
  Parameter& neighbours = table.add("neighbours", TUSK_OPTION(neighbours),
                                    from_to(1, kMostNeighbours), "how many neighbours at most");
  neighbours.search = search("10..200:log");
  neighbours.aliases = {"k"};
  table
      .add("min-neighbours", TUSK_OPTION(min_neighbours), from_to(1, kMostNeighbours),
           "with fewer the centre alone is predicted")
      .aliases = {"min-k"};
  table.choose(
      "neighbour-policy", TUSK_OPTION(policy),
      std::vector{NeighbourPolicy::automatic, NeighbourPolicy::raters, NeighbourPolicy::table},
      "raters: the most similar of those with a rating to go by, sought for each "
      "prediction; table: the most similar of all, found in training, those of them with "
      "such a rating; auto: raters for ratings, for lists by sums as table, which is found "
      "when it is needed and not kept");
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
  Parameter& asymmetry =
      table.add("asymmetry", TUSK_OPTION(asymmetry), from_to(0, 1),
                "of cosines of whole rows: xy / (|x|^2a |y|^(2-2a)) for the neighbour y of x; with "
                "less, popular neighbours count less");
  asymmetry.search = search("0.2..0.8");
  asymmetry.idle = [](const std::any& options) -> std::string {
    const auto& own = std::any_cast<const Options&>(options);
    if (of_whole_rows(own.params().similarity.metric)) return "";
    return "has no effect without a {similarity} of whole rows";
  };
  Parameter& low_weight =
      table.add("low-weight", TUSK_OPTION(low_weight), from_to(0, 1),
                "sums, and the similarity cosine, take 1 for a rating of {relevance} or more and "
                "this for others, in place of ratings");
  low_weight.usual = "ratings as they are";
  low_weight.search = search("0..1");
  Parameter& relevance = table.add("relevance", TUSK_OPTION(relevance), {},
                                   "the lowest rating that counts in full with {low-weight}");
  relevance.usual = "4 on scales that end between 4 and 5, the same place on others";
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

std::map<std::string, std::string> to_metadata(const KnnParams& params);

// Throws FormatError for parameters that are missing or out of range.
KnnParams knn_params_from(const std::map<std::string, std::string>& metadata);

}  // namespace tusk
