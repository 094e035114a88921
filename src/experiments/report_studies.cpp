// What a page shows of learning curves, searches and comparisons.
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/report.hpp>
#include <tusk/result_tables.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

Json curves_json(const std::vector<Curve>& curves) {
  Json json = Json::array();
  for (const Curve& curve : curves) {
    Json points = Json::array();
    for (const CurvePoint& point : curve.points) {
      const auto& measured = point.validation_rmse ? point.validation_rmse : point.watched_rmse;
      points.push_back({point.epoch, point.train_rmse, measured ? Json(*measured) : Json()});
    }
    const bool watched = !curve.points.empty() && curve.points.back().watched_rmse.has_value();
    json.push_back({{"label", curve.label},
                    {"epochs", curve.epochs},
                    {"measured", watched ? "test part" : "validation"},
                    {"points", points}});
  }
  return json;
}

Json fold_scores_json(const Metric& metric, const std::vector<FoldSeries>& series) {
  Json json = {{"metric", to_string(metric)}, {"series", Json::array()}};
  for (const FoldSeries& one : series) {
    const Score mean = score(one.values);
    json["series"].push_back({{"label", one.label},
                              {"values", one.values},
                              {"mean", mean.mean},
                              {"standard_error", mean.standard_error}});
  }
  return json;
}

std::string label_of(const SearchOutcome& outcome, std::size_t rank) {
  std::string label = fmt::format("#{}", rank + 1);
  for (const auto& [name, value] : outcome.settings_of(outcome.trial(rank))) {
    label += fmt::format("\n{} {}", name, value);
  }
  return label;
}

}  // namespace

void Report::add_curves(const std::vector<Curve>& curves) { data_["curves"] = curves_json(curves); }

void Report::add_fold_scores(const Metric& metric, const std::vector<FoldSeries>& series) {
  data_["fold_scores"] = fold_scores_json(metric, series);
}

void Report::add_lists(const std::vector<ListsOf>& rows) {
  std::vector<std::string> header = {""};
  bool one_protocol = true;
  Json body = Json::array();
  for (const auto& [label, folds] : rows) {
    const auto figures = figures_of_all_lengths(folds);
    if (body.empty()) {
      for (const RankingFigure& figure : figures) header.push_back(figure.heading);
    }
    if (protocol_text(folds.front()) != protocol_text(rows.front().folds.front())) {
      one_protocol = false;
    }
    std::vector<std::string> row = {label};
    for (const RankingFigure& figure : figures) row.push_back(figure_text(figure));
    body.push_back(std::move(row));
  }
  if (body.empty()) return;
  data_["lists"] = {{"protocol", protocol_text(rows.front().folds.front()) +
                                     (one_protocol ? "" : "; others as their own settings say")},
                    {"header", header},
                    {"rows", body}};
}

void Report::add_lists_score(std::span<const RankingMetrics> folds, const std::string& on) {
  if (folds_with_lists(folds) == 0) return;
  std::vector<double> values;
  for (const RankingMetrics& fold : folds) values.push_back(fold.mean.ndcg);
  std::erase_if(values, [](double value) { return std::isnan(value); });
  const Score ndcg = score(values);
  const std::string metric = fmt::format("NDCG@{}", folds.front().options.k);
  add_score(on.empty() ? metric : fmt::format("{} {}", metric, on), ndcg.mean, ndcg.standard_error,
            "how well lists find what users like: 1 is best");
}

void Report::add_training(const Model& model, const FitSummary& fit, const RatingMetrics& test,
                          const std::optional<RankingMetrics>& ranking,
                          const std::vector<CurvePoint>& curve) {
  const std::string& name = model.algorithm().name;
  add_fact("model", name);
  add_fact("split", model.metadata.at("split"));
  add_fact("trained on", count_text(fit.ratings, "rating"));
  const std::string& step = model.algorithm().capabilities.step;
  if (fit.epochs > 0) add_fact(step + "s", fmt::format("{}", fit.epochs));
  for (const auto& [of, value] : fit.r_hat)
    add_fact("R-hat of " + of, fmt::format("{:.3f}", value));
  if (test.all.count > 0) {
    add_score("RMSE on the test part", test.all.rmse(), 0,
              "of ratings that had no part in training");
    add_score("MAE on the test part", test.all.mae(), 0, "the same");
    add_errors("the test part", test);
  }
  if (fit.validation_rmse) {
    add_score("RMSE on the inner hold-out", *fit.validation_rmse, 0,
              fmt::format("of a part of the training ratings; it chose the {}s", step));
  }
  if (ranking) {
    add_lists_score({&*ranking, 1}, "on the test part");
    add_lists({{"the test part", {*ranking}}});
  }
  if (curve.empty()) return;
  add_curves({{name, fit.validation_rmse ? fit.epochs : 0, curve}});
  data_["step"] = step;
}

void Report::add_cross_validation(const std::string& model, const Partition& folds,
                                  std::span<const FoldResult> results,
                                  const std::vector<CurvePoint>& curve) {
  add_fact("model", model);
  add_fact("folds", folds.description);
  RatingMetrics all;
  FoldSeries rmse{model, {}};
  std::vector<double> mae;
  for (const FoldResult& fold : results) {
    all += fold.metrics;
    rmse.values.push_back(fold.metrics.all.rmse());
    mae.push_back(fold.metrics.all.mae());
  }
  const Score of_rmse = score(rmse.values);
  const Score of_mae = score(mae);
  if (all.has_errors) {
    add_score("RMSE", of_rmse.mean, of_rmse.standard_error,
              "mean over the folds, each tested by a model that has not seen it");
    add_score("MAE", of_mae.mean, of_mae.standard_error, "the same");
  }
  if (const auto rankings = rankings_of(results); !rankings.empty()) {
    add_lists_score(rankings, "");
    std::vector<ListsOf> rows;
    for (std::size_t fold = 0; fold < rankings.size(); ++fold) {
      rows.push_back({fmt::format("fold {}", fold + 1), {rankings[fold]}});
    }
    rows.push_back({"mean", rankings});
    add_lists(rows);
  }
  if (!curve.empty()) {
    add_curves({{model, 0, curve}});
    data_["step"] = find_algorithm(model).capabilities.step;
  }
  if (!all.has_errors) return;
  add_fold_scores({}, {rmse});
  add_errors("the folds", all);
}

void Report::add_search(const SearchOutcome& outcome, const std::string& command) {
  constexpr std::size_t kMostCurves = 5;
  Json search = {{"metric", to_string(outcome.metric)},
                 {"higher_is_better", outcome.metric.of_lists()},
                 {"folds", outcome.folds.fold_count()},
                 {"parameters", Json::array()},
                 {"trials", Json::array()}};
  for (std::size_t p = 0; p < outcome.parameters.size(); ++p) {
    search["parameters"].push_back(
        {{"name", outcome.parameters[p]}, {"logarithmic", outcome.logarithmic[p]}});
  }
  const auto add = [&](const Trial& trial) -> Json& {
    Json json = trial_json(outcome, trial);
    for (const char* key : {"event", "metric", "folds"}) json.erase(key);
    search["trials"].push_back(std::move(json));
    return search["trials"].back();
  };
  std::vector<Curve> curves;
  std::vector<FoldSeries> series;
  for (std::size_t rank = 0; rank < outcome.ranked.size(); ++rank) {
    const Trial& trial = outcome.trial(rank);
    Json& json = add(trial);
    json["rank"] = rank + 1;
    json["tie"] = outcome.ranked[rank].tie;
    if (rank >= kMostCurves) continue;
    if (!trial.curve.empty())
      curves.push_back({label_of(outcome, rank), trial.epochs, trial.curve});
    series.push_back({fmt::format("#{}", rank + 1), fold_values(outcome.metric, trial)});
  }
  for (const Trial& trial : outcome.trials) {
    if (trial.folds.empty()) add(trial)["rank"] = nullptr;
  }
  search["curves"] = curves_json(curves);
  search["fold_scores"] = fold_scores_json(outcome.metric, series);
  search["best"] = Json::object();
  for (const auto& [name, value] : outcome.best_options) search["best"][name] = value;
  search["best_command"] = command;
  search["best_text"] =
      fmt::format("Trial {} of {}; {} with it by what the folds can tell.",
                  outcome.trial(0).candidate + 1, outcome.trials.size(),
                  outcome.ties() == 0 ? "none ties" : fmt::format("{} tie", outcome.ties()));
  const auto test = outcome.test_score();
  search["test_score"] = test ? Json(*test) : Json();
  data_["searches"].push_back(std::move(search));
}

void Report::add_searches(const std::vector<SearchOutcome>& outcomes,
                          const std::vector<std::string>& commands) {
  const SearchOutcome& first = outcomes.front();
  const bool nested = outcomes.size() > 1;
  RatingMetrics errors;
  std::vector<double> selection;
  std::vector<double> tests;
  std::vector<ListsOf> lists;
  double seconds = 0;
  for (std::size_t search = 0; search < outcomes.size(); ++search) {
    const SearchOutcome& outcome = outcomes[search];
    add_search(outcome, commands[search]);
    selection.push_back(outcome.ranked[0].score.mean);
    seconds += outcome.seconds;
    if (outcome.test) {
      tests.push_back(*outcome.test_score());
      errors += *outcome.test;
      if (outcome.test_ranking) {
        lists.push_back({nested ? fmt::format("test fold {}", search + 1) : "the test part",
                         {*outcome.test_ranking}});
      }
    } else {
      for (const FoldResult& fold : outcome.best_folds) errors += fold.metrics;
    }
  }
  if (const auto rankings = rankings_of(first.best_folds); !rankings.empty() && !nested) {
    lists.insert(lists.begin(), {"the folds", rankings});
  }
  add_lists(lists);
  add_fact("folds", nested ? "each tested in turn" : first.folds.description);
  add_fact("chosen by", to_string(first.metric));
  add_fact("trials", fmt::format("{}", first.trials.size()));
  add_fact("search", fmt::format("{:.1f} s", seconds));

  const Score score_of_selection = nested ? score(selection) : first.ranked[0].score;
  add_score(fmt::format("selection score, {}", to_string(first.metric)), score_of_selection.mean,
            score_of_selection.standard_error,
            nested ? "mean over the searches" : "chosen as the best on these folds");
  if (!tests.empty()) {
    const Score score_of_tests = score(tests);
    add_score(fmt::format("{} on the test part", to_string(first.metric)), score_of_tests.mean,
              score_of_tests.standard_error, "of ratings kept out of the whole search");
  }
  if (const auto of_folds = first.fold_models_test_score(); of_folds && !nested) {
    add_score(fmt::format("{} of the folds' models on it", to_string(first.metric)), *of_folds, 0,
              "trained on as few ratings as behind the selection score");
  }
  add_errors(first.test ? "the test part, by the best setting"
                        : "the folds that are held out, by the best setting",
             errors);
}

void Report::add_comparison(const Comparison& comparison) {
  const auto& [metric, folds, ranking, models] = comparison;
  add_fact("folds", folds.description);
  add_fact("ordered by", to_string(metric));
  std::vector<int> lengths;
  if (ranking) {
    lengths = ranking->other_k;
    lengths.insert(lengths.begin(), ranking->k);
    const RankingMetrics& judged = *models.front().folds.front().ranking;
    add_fact("lists",
             fmt::format("top {}, {}, candidates {}", fmt::join(lengths, ", "),
                         relevance_text(judged.options.relevance), to_string(ranking->candidates)));
  }
  const ComparedModel& best = models.front();
  const auto [mean, standard_error] = score(best.values(metric));
  add_score(fmt::format("{}, {}", best.label, to_string(metric)), mean, standard_error,
            "the best, mean over the folds");
  Json compared = {
      {"metric", to_string(metric)}, {"folds", best.folds.size()}, {"models", Json::array()}};
  std::vector<FoldSeries> series;
  for (std::size_t m = 0; m < models.size(); ++m) {
    compared["models"].push_back(model_json(comparison, m));
    series.push_back({models[m].label, models[m].values(metric)});
  }
  for (std::size_t length = 0; length < lengths.size(); ++length) {
    for (const ListFigure& column : kListColumns) {
      compared["lists"].push_back({{"title", fmt::format("{}@{}", column.heading, lengths[length])},
                                   {"key", std::string(column.key)},
                                   {"length", length}});
    }
  }
  data_["compared"] = std::move(compared);
  std::vector<ListsOf> lists;
  for (const ComparedModel& model : models) {
    if (ranking) lists.push_back({model.label, rankings_of(model.folds)});
  }
  add_lists(lists);
  add_fold_scores(metric, series);
  add_errors(fmt::format("the folds, by {}", best.label), best.all_folds());
}

}  // namespace tusk
