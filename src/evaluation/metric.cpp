#include <algorithm>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/list_order.hpp>
#include <tusk/metric.hpp>
#include <tusk/recommend.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

std::string name_of(const ListFigure& figure) {
  std::string name(figure.key);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

}  // namespace

std::string to_string(const Metric& metric) {
  if (!metric.of_lists()) return metric.kind == Metric::Kind::rmse ? "rmse" : "mae";
  return fmt::format("{}@{}", name_of(*metric.figure), metric.k);
}

std::string metric_names() {
  std::vector<std::string> names = {"rmse", "mae"};
  for (const ListFigure& figure : kListFigures) names.push_back(name_of(figure) + "@K");
  return list_text(names);
}

Metric parse_metric(std::string_view text) {
  const std::string name = canonical_name(text);
  if (name == "rmse") return {Metric::Kind::rmse};
  if (name == "mae") return {Metric::Kind::mae};
  const auto parts = split_text(name, "@");
  const auto figure = std::find_if(kListFigures.begin(), kListFigures.end(),
                                   [&](const ListFigure& f) { return name_of(f) == parts[0]; });
  const auto k = parts.size() == 2 ? parse_int(parts[1]) : std::nullopt;
  if (figure == kListFigures.end() || !k || *k < 1) {
    throw UsageError(
        fmt::format("{} is not a metric: it must be one of {}", in_quotes(text), metric_names()));
  }
  if (*k > kMostRecommendations) {
    throw UsageError(fmt::format("{} judges lists of more than {} items", in_quotes(text),
                                 kMostRecommendations));
  }
  return {Metric::Kind::lists, &*figure, *k};
}

Metric usual_metric(std::span<const AlgorithmInfo* const> models, bool lists_alone, int k) {
  const bool all_predict = std::all_of(models.begin(), models.end(), [&](const auto* model) {
    return predicts_ratings(*model, lists_alone);
  });
  if (all_predict) return {};
  return parse_metric(fmt::format("ndcg@{}", k));
}

void check_metric(const Metric& metric, const AlgorithmInfo& model, bool lists_alone) {
  if (metric.of_lists() || predicts_ratings(model, lists_alone)) return;
  throw ParameterError(
      "metric",
      fmt::format("{} is an error of predicted ratings, and {}: choose a metric of lists, such as "
                  "ndcg@{}",
                  to_string(metric),
                  lists_alone ? "models of weights and of held-out users are judged by lists alone"
                              : with_article(model.name) + " model only ranks",
                  metric.k));
}

double value_of(const Metric& metric, const ListMetrics& lists) {
  if (!metric.of_lists()) throw UsageError(to_string(metric) + " does not judge lists");
  return lists.*metric.figure->value;
}

double value_of(const Metric& metric, const ErrorSums& errors) {
  if (metric.kind == Metric::Kind::rmse) return errors.rmse();
  if (metric.kind == Metric::Kind::mae) return errors.mae();
  throw UsageError(to_string(metric) + " is not an error of ratings");
}

}  // namespace tusk
