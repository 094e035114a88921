#include "models/knn/knn_metadata.hpp"

#include <cmath>

#include <fmt/format.h>

#include <tusk/parameters.hpp>

#include "support/text.hpp"

namespace tusk {

std::map<std::string, std::string> to_metadata(const KnnParams& params) {
  return {
      {"similarity", std::string(to_string(params.similarity.metric))},
      {"shrinkage", fmt::format("{}", params.similarity.shrinkage)},
      {"min_support", fmt::format("{}", params.similarity.min_support)},
      {"centring", std::string(to_string(params.centring))},
      {"neighbours", fmt::format("{}", params.neighbours)},
      {"min_neighbours", fmt::format("{}", params.min_neighbours)},
      {"neighbour_policy", std::string(to_string(params.policy))},
      {"weight_shrinkage", fmt::format("{}", params.weight_shrinkage)},
  };
}

KnnParams knn_params_from(const std::map<std::string, std::string>& metadata) {
  const auto text = [&](const std::string& key) {
    const auto found = metadata.find(key);
    if (found == metadata.end()) throw FormatError("its metadata lacks " + key);
    return found->second;
  };
  const auto number = [&](const std::string& key, auto parse) {
    const auto value = parse(text(key));
    if (!value) throw FormatError(fmt::format("its metadata's {} is not a number", key));
    return *value;
  };
  KnnParams params;
  try {
    params.similarity.metric = parse_similarity_metric(text("similarity"));
    params.similarity.shrinkage = static_cast<float>(number("shrinkage", parse_double));
    params.similarity.min_support = number("min_support", parse_int);
    params.centring = parse_centring(text("centring"));
    params.neighbours = number("neighbours", parse_int);
    params.min_neighbours = number("min_neighbours", parse_int);
    params.policy = parse_neighbour_policy(text("neighbour_policy"));
    if (metadata.contains("weight_shrinkage")) {  // 0 in files from before there was one
      params.weight_shrinkage = static_cast<float>(number("weight_shrinkage", parse_double));
    }
    check_params(params);
  } catch (const UsageError& error) {
    throw FormatError(fmt::format("its metadata is bad: {}", error.what()));
  }
  return params;
}

void check_params(const KnnParams& params) {
  const auto check = [](double value, bool good, const char* name, const char* expected) {
    if (!good || !std::isfinite(value)) {
      throw ParameterError(name, fmt::format("{:g}", value), expected);
    }
  };
  const SimilarityParams& similarity = params.similarity;
  check(similarity.shrinkage, similarity.shrinkage >= 0, "shrinkage", "a number from 0");
  check(similarity.min_support, similarity.min_support >= 1, "min-support",
        "a whole number from 1");
  check(params.neighbours, 1 <= params.neighbours && params.neighbours <= kMostNeighbours,
        "neighbours", "a whole number from 1 to 100000");
  check(params.min_neighbours,
        1 <= params.min_neighbours && params.min_neighbours <= params.neighbours, "min-neighbours",
        "from 1 to the number of {neighbours}");
  check(params.weight_shrinkage, params.weight_shrinkage >= 0, "weight-shrinkage",
        "a number from 0");
}

}  // namespace tusk
