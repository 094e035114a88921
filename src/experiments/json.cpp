#include <tusk/json.hpp>

#include <fmt/format.h>

#include <tusk/train.hpp>

#include "data/id_dictionary.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

Json errors_json(const ErrorSums& sums) {
  return {{"count", sums.count}, {"rmse", sums.rmse()}, {"mae", sums.mae()}, {"mse", sums.mse()}};
}

Json protocol_json(const RankingOptions& options) {
  Json json = {{"k", options.k},
               {"relevance", json_number(options.relevance)},
               {"candidates", to_string(options.candidates)},
               {"rank_by", to_string(options.order.by)},
               {"support_prior", to_string(options.order.prior)}};
  if (options.candidates.kind == CandidatePolicy::Kind::sampled) {
    json["seed"] = options.seed;
    json["warning"] = "figures over sampled candidates compare with the same sample's alone";
  }
  return json;
}

}  // namespace

std::string json_line(const Json& object) {
  return printable_json(object.dump(-1, ' ', false, Json::error_handler_t::replace));
}

double json_number(float value) {
  return parse_double(fmt::format("{}", value)).value_or(static_cast<double>(value));
}

Json json_id(const IdMap& ids, std::string_view id) {
  std::int64_t number = 0;
  if (ids.numeric() && parse_canonical(id, number)) return number;
  return id;
}

void add_metrics(Json& json, const RatingMetrics& metrics) {
  json["rmse"] = metrics.all.rmse();
  json["mae"] = metrics.all.mae();
  json["mse"] = metrics.all.mse();
  json["count"] = metrics.all.count;
  for (std::size_t kind = 0; kind < metrics.by_evidence.size(); ++kind) {
    json["by_evidence"][std::string(to_string(static_cast<Evidence>(kind)))] =
        errors_json(metrics.by_evidence[kind]);
  }
}

Json ranking_json(const RankingMetrics& metrics) {
  Json json = protocol_json(metrics.options);
  json["users"] = metrics.users;
  json["tied_users"] = metrics.tied_users;
  json["users_without_relevant"] = metrics.users_without_relevant;
  json["relevant"] = metrics.relevant;
  json["relevant_unknown_items"] = metrics.relevant_unknown_items;
  json["relevant_unknown_users"] = metrics.relevant_unknown_users;
  json["catalogue"] = metrics.catalogue;
  for (const auto& figure : ranking_figures(metrics)) json[std::string(figure.key)] = figure.value;
  return json;
}

Json ranking_means_json(std::span<const RankingMetrics> folds) {
  Json json = protocol_json(folds.front().options);
  std::int64_t users = 0;
  std::int64_t tied = 0;
  for (const RankingMetrics& fold : folds) {
    users += fold.users;
    tied += fold.tied_users;
  }
  json["folds"] = folds_with_lists(folds);
  json["users"] = users;
  json["tied_users"] = tied;
  for (const auto& figure : mean_figures(folds)) json[std::string(figure.key)] = figure.value;
  return json;
}

void store_ranking(std::map<std::string, std::string>& metadata, const RankingMetrics& metrics) {
  metadata["test_ranking"] = fmt::format("{}, {}", protocol_text(metrics.options),
                                         count_text(metrics.users, "user"));
  if (metrics.users == 0) return;
  for (const RankingFigure& figure : ranking_figures(metrics)) {
    metadata[fmt::format("test_{}", figure.key)] = fmt::format("{}", figure.value);
  }
}

}  // namespace tusk
