#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>
#include <tusk/knn.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 6> kMetrics = {
    "cosine", "centered-cosine", "cosine-corated", "pearson", "msd", "pearson-baseline"};
constexpr std::array<std::string_view, 4> kCentrings = {"none", "mean", "z-score", "baseline"};
constexpr std::array<std::string_view, 2> kPolicies = {"raters", "table"};

template <class Value, std::size_t N>
Value parse(const std::array<std::string_view, N>& names, std::string_view text, const char* what) {
  const auto at = std::find(names.begin(), names.end(), text);
  if (at == names.end()) {
    throw UsageError(
        fmt::format("{} is not {}: {}", in_quotes(text), what, fmt::join(names, ", ")));
  }
  return static_cast<Value>(at - names.begin());
}

}  // namespace

std::string_view to_string(SimilarityMetric metric) {
  return kMetrics[static_cast<std::size_t>(metric)];
}
std::string_view to_string(Centring centring) {
  return kCentrings[static_cast<std::size_t>(centring)];
}
std::string_view to_string(NeighbourPolicy policy) {
  return kPolicies[static_cast<std::size_t>(policy)];
}

SimilarityMetric parse_similarity_metric(std::string_view text) {
  return parse<SimilarityMetric>(kMetrics, text, "a similarity");
}
Centring parse_centring(std::string_view text) {
  return parse<Centring>(kCentrings, text, "a centring");
}
NeighbourPolicy parse_neighbour_policy(std::string_view text) {
  return parse<NeighbourPolicy>(kPolicies, text, "a neighbour policy");
}

SimilarityParams default_similarity(SimilarityMetric metric) {
  return {metric, metric == SimilarityMetric::pearson_baseline ? 100.0f : 0.0f, 1};
}

bool needs_baseline(const KnnParams& params) {
  return params.centring == Centring::baseline ||
         params.similarity.metric == SimilarityMetric::pearson_baseline;
}

}  // namespace tusk
