#include <array>
#include <string_view>

#include <tusk/knn.hpp>

#include "support/names.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 6> kMetrics = {
    "cosine", "centered-cosine", "cosine-corated", "pearson", "msd", "pearson-baseline"};
constexpr std::array<std::string_view, 5> kCentrings = {"none", "mean", "z-score", "baseline",
                                                        "user-mean"};
constexpr std::array<std::string_view, 3> kPolicies = {"raters", "table", "auto"};

}  // namespace

std::string_view to_string(SimilarityMetric metric) { return name_of(kMetrics, metric); }
std::string_view to_string(Centring centring) { return name_of(kCentrings, centring); }
std::string_view to_string(NeighbourPolicy policy) { return name_of(kPolicies, policy); }

SimilarityMetric parse_similarity_metric(std::string_view text) {
  return parse_name<SimilarityMetric>(kMetrics, text, "a similarity");
}
Centring parse_centring(std::string_view text) {
  return parse_name<Centring>(kCentrings, text, "a centring");
}
NeighbourPolicy parse_neighbour_policy(std::string_view text) {
  return parse_name<NeighbourPolicy>(kPolicies, text, "a neighbour policy");
}

SimilarityParams default_similarity(SimilarityMetric metric) {
  return {metric, metric == SimilarityMetric::pearson_baseline ? 100.0f : 0.0f, 1};
}

bool of_whole_rows(SimilarityMetric metric) {
  return metric == SimilarityMetric::cosine || metric == SimilarityMetric::centered_cosine;
}

bool needs_baseline(const KnnParams& params) {
  return params.centring == Centring::baseline ||
         params.similarity.metric == SimilarityMetric::pearson_baseline;
}

}  // namespace tusk
