#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tusk/figures.hpp>
#include <tusk/metrics_json.hpp>
#include <tusk/tuning.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

Json value_json(const std::string& value) {
  const auto number = parse_double(value);
  if (!number) return value;
  const Json json = Json::parse(value, nullptr, false);
  return json.is_discarded() ? Json(*number) : json;  // JSON writes some numbers otherwise
}

Json settings_json(const Settings& settings) {
  Json json = Json::object();
  for (const auto& [name, value] : settings) json[name] = value_json(value);
  return json;
}

// "ok", "diverged", or what halving did.
std::string status(const Trial& trial) {
  if (trial.folds.empty()) return "diverged";
  return trial.cut ? fmt::format("cut after {}", *trial.cut) : "ok";
}

double mean_of(Metric::Kind kind, const Trial& trial) {
  return score(fold_values({kind}, trial)).mean;
}

// Of nested cross-validation, a value for each test fold.
struct NestedScores {
  std::vector<double> tests;
  std::vector<double> selection;
};

NestedScores nested_scores(const std::vector<SearchOutcome>& outcomes) {
  NestedScores scores;
  for (const SearchOutcome& outcome : outcomes) {
    scores.tests.push_back(*outcome.test_score());
    scores.selection.push_back(outcome.ranked[0].score.mean);
  }
  return scores;
}

}  // namespace

Json trial_json(const SearchOutcome& outcome, const Trial& trial) {
  const Metric& metric = outcome.metric;
  Json json = {{"event", "trial"},
               {"trial", trial.candidate + 1},
               {"settings", settings_json(outcome.settings_of(trial))},
               {"status", status(trial)}};
  if (trial.epochs > 0) json["epochs"] = trial.epochs;
  json["metric"] = to_string(metric);
  json["score"] = nullptr;
  json["standard_error"] = nullptr;
  if (outcome.has_errors) {
    json["rmse"] = nullptr;
    json["mae"] = nullptr;
  }
  json["folds"] = Json::array();
  if (trial.folds.empty()) return json;
  const auto values = fold_values(metric, trial);
  const Score of_trial = score(values);
  json["score"] = of_trial.mean;
  json["standard_error"] = of_trial.standard_error;
  if (outcome.has_errors) {
    json["rmse"] = mean_of(Metric::Kind::rmse, trial);
    json["mae"] = mean_of(Metric::Kind::mae, trial);
  }
  json["folds"] = values;
  return json;
}

void add_search(Json& json, const SearchOutcome& outcome) {
  const Trial& best = outcome.trial(0);
  json["metric"] = to_string(outcome.metric);
  json["selection_score"] = outcome.ranked[0].score.mean;
  json["standard_error"] = outcome.ranked[0].score.standard_error;
  json["trial"] = best.candidate + 1;
  json["settings"] = settings_json(outcome.settings_of(best));
  if (best.epochs > 0) json["epochs"] = best.epochs;
  json["trials"] = outcome.trials.size();
  json["diverged"] = outcome.diverged();
  json["ties"] = outcome.ties();
  json["folds"] = outcome.folds.fold_count();
  json["split"] = outcome.folds.description;
  json["test"] = nullptr;
  if (!outcome.test) return;
  json["test"] = Json::object();
  add_metrics(json["test"], *outcome.test);
  json["test"]["ranking"] = outcome.test_ranking ? ranking_json(*outcome.test_ranking) : Json();
  json["test"]["score"] = *outcome.test_score();
  const auto of_folds = outcome.fold_models_test_score();
  json["test"]["fold_models_score"] = of_folds ? Json(*of_folds) : Json();
}

Json nested_json(const std::vector<SearchOutcome>& outcomes) {
  const auto [tests, selection] = nested_scores(outcomes);
  return {{"event", "nested"},
          {"metric", to_string(outcomes.front().metric)},
          {"selection_score", score(selection).mean},
          {"test_score", score(tests).mean},
          {"test_standard_error", score(tests).standard_error},
          {"test_folds", tests}};
}

TextRows nested_table(const std::vector<SearchOutcome>& outcomes) {
  const Metric& metric = outcomes.front().metric;
  const auto [tests, selection] = nested_scores(outcomes);
  TextRows rows = {{"test fold", "selection score", fmt::format("{} on it", to_string(metric))}};
  const auto add = [&](const std::string& name, double selected, double tested) {
    rows.push_back(
        {name, score_text(metric, selected, selected), score_text(metric, tested, tested)});
  };
  for (std::size_t part = 0; part < outcomes.size(); ++part) {
    add(fmt::format("{}", part + 1), selection[part], tests[part]);
  }
  add("mean", score(selection).mean, score(tests).mean);
  return rows;
}

TextRows trial_table(const SearchOutcome& outcome, std::size_t most) {
  const bool epochs = outcome.trial(0).epochs > 0;
  const bool searched_epochs = std::find(outcome.parameters.begin(), outcome.parameters.end(),
                                         "epochs") != outcome.parameters.end();
  TextRows rows = {{"", to_string(outcome.metric), "se"}};
  for (const std::string& parameter : outcome.parameters) rows[0].push_back(parameter);
  if (epochs && !searched_epochs) rows[0].push_back("epochs");
  const auto score_of = [&](double value) {
    return score_text(outcome.metric, value, outcome.ranked[0].score.mean);
  };
  const std::size_t shown = std::min(most, outcome.ranked.size());
  for (std::size_t rank = 0; rank < shown; ++rank) {
    const RankedTrial& ranked = outcome.ranked[rank];
    const Trial& trial = outcome.trial(rank);
    auto& row = rows.emplace_back();
    row.push_back(fmt::format("{:>3}{}", rank + 1, ranked.tie ? "=" : ""));
    row.push_back(score_of(ranked.score.mean));
    row.push_back(outcome.folds.fold_count() > 1 ? score_of(ranked.score.standard_error) : "-");
    for (const std::string& parameter : outcome.parameters) {
      row.push_back(value_of(outcome.settings_of(trial), parameter).value_or("default"));
    }
    if (epochs && !searched_epochs) {
      row.push_back(fmt::format("{}{}", trial.epochs, trial.cut ? "+" : ""));
    }
  }
  return rows;
}

std::string search_csv(const std::vector<SearchOutcome>& outcomes, Cells cells) {
  const bool nested = outcomes.size() > 1;
  std::vector<std::string> parameters = outcomes.front().parameters;
  std::erase(parameters, "epochs");
  std::vector<std::string> header = {"rank", "trial", "status", "tie"};
  if (nested) header.insert(header.begin(), "test_fold");
  header.insert(header.end(), parameters.begin(), parameters.end());
  const bool errors = outcomes.front().has_errors;
  header.insert(header.end(), {"epochs", "score", "standard_error"});
  if (errors) header.insert(header.end(), {"rmse", "mae"});
  for (std::size_t f = 1; f <= outcomes.front().folds.fold_count(); ++f) {
    header.push_back(fmt::format("fold_{}", f));
  }
  std::string csv = csv_line(header, cells);
  const auto number = [](const auto& value) {
    return std::isnan(static_cast<double>(value)) ? std::string() : fmt::format("{}", value);
  };
  const auto add = [&](std::size_t part, const Trial& trial, std::optional<std::size_t> rank) {
    const SearchOutcome& outcome = outcomes[part];
    std::vector<std::string> row;
    if (nested) row.push_back(number(part + 1));
    row.insert(row.end(), {rank ? number(*rank + 1) : "", number(trial.candidate + 1),
                           status(trial), rank && outcome.ranked[*rank].tie ? "1" : "0"});
    for (const std::string& parameter : parameters) {
      row.push_back(value_of(outcome.settings_of(trial), parameter).value_or(""));
    }
    row.push_back(trial.epochs > 0 ? number(trial.epochs) : "");
    if (rank) {
      const Score& score = outcome.ranked[*rank].score;
      row.insert(row.end(), {number(score.mean), number(score.standard_error)});
      if (errors) {
        row.insert(row.end(), {number(mean_of(Metric::Kind::rmse, trial)),
                               number(mean_of(Metric::Kind::mae, trial))});
      }
      for (const double value : fold_values(outcome.metric, trial)) row.push_back(number(value));
    }
    row.resize(header.size());
    csv += csv_line(row, cells);
  };
  for (std::size_t part = 0; part < outcomes.size(); ++part) {
    const SearchOutcome& outcome = outcomes[part];
    for (std::size_t rank = 0; rank < outcome.ranked.size(); ++rank) {
      add(part, outcome.trial(rank), rank);
    }
    for (const Trial& trial : outcome.trials) {
      if (trial.folds.empty()) add(part, trial, std::nullopt);
    }
  }
  return csv;
}

void store_search(std::map<std::string, std::string>& metadata, const SearchOutcome& outcome) {
  const Score& score = outcome.ranked[0].score;
  metadata["selection_metric"] = to_string(outcome.metric);
  metadata["selection_score"] = fmt::format("{}", score.mean);
  metadata["selection_standard_error"] = fmt::format("{}", score.standard_error);
  metadata["selection_folds"] = outcome.folds.description;
  Json trials = Json::array();
  for (const Trial& trial : outcome.trials) {
    Json json = trial_json(outcome, trial);
    json.erase("event");
    json.erase("metric");
    trials.push_back(std::move(json));
  }
  metadata["search"] = json_line(trials);
  if (outcome.test) store_test(metadata, *outcome.test, outcome.test_ranking);
}

std::string config_text(const SearchOutcome& outcome, const Settings& of_data) {
  std::string text = fmt::format(
      "# The best of {} by {} on {}: {}, a selection score.\n",
      count_text(std::ssize(outcome.trials), "trial"), to_string(outcome.metric),
      outcome.folds.description,
      score_text(outcome.metric, outcome.ranked[0].score.mean, outcome.ranked[0].score.mean));
  for (const auto& [name, value] : outcome.best_options) {
    const bool is_flag = value == "true" || value == "false";
    text += fmt::format("{} = {}\n", name, is_flag ? value : value_json(value).dump());
  }
  for (const auto& [name, value] : of_data) {
    text += fmt::format("{} = {}\n", name, Json(value).dump());
  }
  return text;
}

}  // namespace tusk
