#include <array>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/metric.hpp>
#include <tusk/recommend.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

// In the order of Metric::Kind.
constexpr std::array<std::string_view, 8> kMetricNames = {"rmse", "mae", "precision", "recall",
                                                          "ndcg", "map", "mrr",       "hit-rate"};

}  // namespace

std::string to_string(const Metric& metric) {
  const auto name = kMetricNames[static_cast<std::size_t>(metric.kind)];
  return metric.of_lists() ? fmt::format("{}@{}", name, metric.k) : std::string(name);
}

Metric parse_metric(std::string_view text) {
  const auto parts = split_text(text, "@");
  Metric metric;
  for (std::size_t kind = 0; kind < kMetricNames.size(); ++kind) {
    if (kMetricNames[kind] != parts[0]) continue;
    metric.kind = static_cast<Metric::Kind>(kind);
    const auto k = parts.size() == 2 ? parse_int(parts[1]) : std::nullopt;
    if (!metric.of_lists() && parts.size() == 1) return metric;
    if (!metric.of_lists() || parts.size() > 2 || !k || *k < 1) break;
    if (*k > kMostRecommendations) {
      throw UsageError(fmt::format("{} judges lists of more than {} items", in_quotes(text),
                                   kMostRecommendations));
    }
    metric.k = *k;
    return metric;
  }
  throw UsageError(fmt::format(
      "{} is not a metric: rmse, mae, precision@K, recall@K, ndcg@K, map@K, mrr@K or hit-rate@K",
      in_quotes(text)));
}

double value_of(const Metric& metric, const ListMetrics& lists) {
  switch (metric.kind) {
    case Metric::Kind::precision:
      return lists.precision;
    case Metric::Kind::recall:
      return lists.recall;
    case Metric::Kind::ndcg:
      return lists.ndcg;
    case Metric::Kind::map:
      return lists.average_precision;
    case Metric::Kind::mrr:
      return lists.reciprocal_rank;
    case Metric::Kind::hit_rate:
      return lists.hit_rate;
    case Metric::Kind::rmse:
    case Metric::Kind::mae:
      break;
  }
  throw UsageError(to_string(metric) + " does not judge lists");
}

double value_of(const Metric& metric, const ErrorSums& errors) {
  if (metric.kind == Metric::Kind::rmse) return errors.rmse();
  if (metric.kind == Metric::Kind::mae) return errors.mae();
  throw UsageError(to_string(metric) + " is not an error of ratings");
}

}  // namespace tusk
