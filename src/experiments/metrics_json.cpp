#include <fmt/format.h>

#include <tusk/list_order.hpp>
#include <tusk/metrics_json.hpp>
#include <tusk/train.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

Json errors_json(const ErrorSums& sums) {
  return {{"count", sums.count}, {"rmse", sums.rmse()}, {"mae", sums.mae()}, {"mse", sums.mse()}};
}

Json protocol_json(const RankingMetrics& metrics) {
  const RankingOptions& options = metrics.options;
  Json json = {{"k", options.k},
               {"relevance", json_number(options.relevance.value_or(0))},
               {"candidates", to_string(options.candidates)},
               {"rank_by", metrics.rank_by},
               {"support_prior", to_string(options.order.prior)},
               {"gain", to_string(options.gain)}};
  if (options.order.risk != 0) json["risk"] = json_number(options.order.risk);
  if (options.candidates.kind == CandidatePolicy::Kind::sampled) {
    json["seed"] = options.seed;
    json["warning"] = "figures over sampled candidates compare with the same sample's alone";
  }
  return json;
}

void add_figures(Json& json, const std::vector<RankingFigure>& figures) {
  for (const RankingFigure& figure : figures) json[std::string(figure.key)] = figure.value;
}

// Of lists of another length than the main one.
Json length_json(int k, std::int64_t tied_users, const std::vector<RankingFigure>& figures) {
  Json json = {{"k", k}, {"tied_users", tied_users}};
  add_figures(json, figures);
  return json;
}

std::int64_t tied_users_of(std::span<const RankingMetrics> folds) {
  std::int64_t tied = 0;
  for (const RankingMetrics& fold : folds) tied += fold.tied_users;
  return tied;
}

}  // namespace

Json calibration_json(std::span<const FoldResult> folds) {
  Json json = Json::object();
  for (const CalibrationFigure& figure : kCalibrationFigures) {
    json[figure.key] = mean_calibration(folds, figure);
  }
  return json;
}

void add_metrics(Json& json, const RatingMetrics& metrics) {
  if (!metrics.has_errors) return;
  json["rmse"] = metrics.all.rmse();
  json["mae"] = metrics.all.mae();
  json["mse"] = metrics.all.mse();
  json["count"] = metrics.all.count;
  for (std::size_t kind = 0; kind < metrics.by_evidence.size(); ++kind) {
    const auto evidence = static_cast<Evidence>(kind);
    // New users are measured only where a caller folds them in.
    if (evidence == Evidence::folded_in && metrics.by_evidence[kind].count == 0) continue;
    json["by_evidence"][std::string(to_string(evidence))] = errors_json(metrics.by_evidence[kind]);
  }
  if (metrics.calibration.count == 0) return;
  for (const CalibrationFigure& figure : kCalibrationFigures) {
    json["calibration"][figure.key] = (metrics.calibration.*figure.value)();
  }
}

Json ranking_json(const RankingMetrics& metrics) {
  Json json = protocol_json(metrics);
  json["users"] = metrics.users;
  json["tied_users"] = metrics.tied_users;
  json["users_without_relevant"] = metrics.users_without_relevant;
  json["relevant"] = metrics.relevant;
  json["relevant_unknown_items"] = metrics.relevant_unknown_items;
  json["relevant_unknown_users"] = metrics.relevant_unknown_users;
  json["catalogue"] = metrics.catalogue;
  add_figures(json, ranking_figures(metrics));
  for (const RankingMetrics& other : metrics.others) {
    json["others"].push_back(
        length_json(other.options.k, other.tied_users, ranking_figures(other)));
  }
  return json;
}

Json ranking_means_json(std::span<const RankingMetrics> folds) {
  Json json = protocol_json(folds.front());
  std::int64_t users = 0;
  for (const RankingMetrics& fold : folds) users += fold.users;
  json["folds"] = folds_with_lists(folds);
  json["users"] = users;
  json["tied_users"] = tied_users_of(folds);
  add_figures(json, mean_figures(folds));
  for (std::size_t other = 0; other < folds.front().others.size(); ++other) {
    const auto of_length = others_of(folds, other);
    json["others"].push_back(length_json(of_length.front().options.k, tied_users_of(of_length),
                                         mean_figures(of_length)));
  }
  return json;
}

void store_test(std::map<std::string, std::string>& metadata, const RatingMetrics& metrics,
                const std::optional<RankingMetrics>& ranking) {
  if (metrics.all.count > 0) {
    metadata["test_rmse"] = fmt::format("{}", metrics.all.rmse());
    metadata["test_mae"] = fmt::format("{}", metrics.all.mae());
    metadata["test_ratings"] = fmt::format("{}", metrics.all.count);
  }
  if (!ranking) return;
  metadata["test_ranking"] =
      fmt::format("{}, {}", protocol_text(*ranking), count_text(ranking->users, "user"));
  if (ranking->users == 0) return;
  for (const RankingFigure& figure : ranking_figures(*ranking)) {
    metadata[fmt::format("test_{}", figure.key)] = fmt::format("{}", figure.value);
  }
  for (const RankingMetrics& other : ranking->others) {
    for (const RankingFigure& figure : ranking_figures(other)) {
      metadata[fmt::format("test_{}@{}", figure.key, other.options.k)] =
          fmt::format("{}", figure.value);
    }
  }
}

Json epoch_json(const EpochReport& report, const std::string& model_key) {
  Json json = {{"event", "epoch"}};
  if (!model_key.empty()) json[model_key] = report.model + 1;
  json["phase"] = report.phase == Phase::select ? "select" : "fit";
  json["epoch"] = report.epoch;
  if (report.loss) {
    json["loss"] = *report.loss;
  } else {
    json["train_rmse"] = report.train_rmse;
    json["validation_rmse"] = report.validation_rmse ? Json(*report.validation_rmse) : Json();
    json["learning_rate"] = json_number(report.learning_rate);
  }
  if (report.watched_rmse) json["test_rmse"] = *report.watched_rmse;
  json["ratings_per_second"] = report.ratings_per_second;
  json["seconds"] = report.seconds;
  return json;
}

Json memory_json(const MfMemory& memory, std::string_view device) {
  return {{"event", "plan"},
          {"device", device},
          {"bytes", memory.total()},
          {"parameter_bytes", memory.parameters},
          {"rating_bytes", memory.ratings},
          {"validation_bytes", memory.validation},
          {"working_bytes", memory.working},
          {"chunks", memory.chunks},
          {"available_bytes", memory.available}};
}

Json training_json(const Model& model, const FitSummary& fit, const RatingMetrics& test,
                   const std::optional<RankingMetrics>& ranking) {
  Json json = {{"event", "result"}, {"model", model.algorithm().name}};
  add_metrics(json, test);
  json["ranking"] = ranking ? ranking_json(*ranking) : Json();
  json["split"] = model.metadata.at("split");
  json["training_ratings"] = fit.ratings;
  json["interrupted"] = fit.interrupted;
  for (const auto& [of, value] : fit.r_hat) json["r_hat"][of] = value;
  if (model.algorithm().capabilities.has_epochs) {
    json["epochs"] = fit.epochs;
    if (predicts_ratings(model)) {
      json["validation_rmse"] = fit.validation_rmse ? Json(*fit.validation_rmse) : Json();
    }
  } else if (fit.epochs > 0) {
    json[model.algorithm().capabilities.step + "s"] = fit.epochs;
  }
  return json;
}

Json fold_json(const FoldResult& result, std::size_t fold) {
  Json json = {{"event", "fold"}, {"fold", fold + 1}};
  add_metrics(json, result.metrics);
  json["ranking"] = result.ranking ? ranking_json(*result.ranking) : Json();
  if (result.epochs > 0) json["epochs"] = result.epochs;
  return json;
}

Json cross_validation_json(std::span<const FoldResult> results, const Partition& folds) {
  RatingMetrics total;
  for (const FoldResult& fold : results) total += fold.metrics;
  const Spread rmse = spread(results, &ErrorSums::rmse);
  const Spread mae = spread(results, &ErrorSums::mae);
  const std::vector<RankingMetrics> rankings = rankings_of(results);
  Json json = {{"event", "result"}};
  add_metrics(json, total);
  if (total.has_errors) {
    json["rmse"] = rmse.mean;
    json["rmse_std"] = rmse.deviation;
    json["mae"] = mae.mean;
    json["mae_std"] = mae.deviation;
    json["mse"] = spread(results, &ErrorSums::mse).mean;
    if (total.calibration.count > 0) json["calibration"] = calibration_json(results);
  }
  json["ranking"] = rankings.empty() ? Json() : ranking_means_json(rankings);
  json["folds"] = results.size();
  json["split"] = folds.description;
  return json;
}

}  // namespace tusk
