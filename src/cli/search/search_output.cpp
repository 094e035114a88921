#include "cli/search/search_output.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/metrics_output.hpp"
#include "cli/ranking_output.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

Json settings_json(const Settings& settings) {
  Json json = Json::object();
  for (const auto& [name, value] : settings) {
    const auto number = parse_double(value);
    json[name] = number ? Json::parse(value, nullptr, false) : Json(value);
    if (json[name].is_discarded()) json[name] = *number;  // a number that JSON writes otherwise
  }
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

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string padded(std::string_view text, std::size_t width) {
  return fmt::format("{:<{}}", text, width);
}

// Rows of texts with columns as wide as they need.
std::vector<std::string> align(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> width(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
  }
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      line += c + 1 < row.size() ? padded(row[c], width[c] + 2) : row[c];
    }
    while (line.ends_with(' ')) line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

Json trial_json(const Metric& metric, const Trial& trial, const Settings& settings) {
  Json json = {{"event", "trial"},
               {"trial", trial.candidate + 1},
               {"settings", settings_json(settings)},
               {"status", status(trial)}};
  if (trial.epochs > 0) json["epochs"] = trial.epochs;
  json["metric"] = to_string(metric);
  json["score"] = nullptr;
  json["standard_error"] = nullptr;
  json["rmse"] = nullptr;
  json["mae"] = nullptr;
  json["folds"] = Json::array();
  if (trial.folds.empty()) return json;
  const auto values = fold_values(metric, trial);
  const Score of_trial = score(values);
  json["score"] = of_trial.mean;
  json["standard_error"] = of_trial.standard_error;
  json["rmse"] = mean_of(Metric::Kind::rmse, trial);
  json["mae"] = mean_of(Metric::Kind::mae, trial);
  json["folds"] = values;
  return json;
}

void print_search(const Console& console, const SearchOutcome& outcome) {
  constexpr std::size_t kMostRows = 20;
  const bool epochs = outcome.trial(0).epochs > 0;
  const bool searched_epochs = std::find(outcome.parameters.begin(), outcome.parameters.end(),
                                         "epochs") != outcome.parameters.end();
  std::vector<std::vector<std::string>> rows = {{"", to_string(outcome.metric), "se"}};
  for (const std::string& parameter : outcome.parameters) rows[0].push_back(parameter);
  if (epochs && !searched_epochs) rows[0].push_back("epochs");
  const std::size_t shown = std::min(kMostRows, outcome.ranked.size());
  for (std::size_t rank = 0; rank < shown; ++rank) {
    const RankedTrial& ranked = outcome.ranked[rank];
    const Trial& trial = outcome.trial(rank);
    auto& row = rows.emplace_back();
    row.push_back(fmt::format("{:>3}{}", rank + 1, ranked.tie ? "=" : ""));
    row.push_back(fmt::format("{:.4f}", ranked.score.mean));
    row.push_back(outcome.folds.size() > 1 ? fmt::format("{:.4f}", ranked.score.standard_error)
                                           : "-");
    for (const std::string& parameter : outcome.parameters) {
      row.push_back(value_of(outcome.settings_of(trial), parameter).value_or("default"));
    }
    if (epochs && !searched_epochs) {
      row.push_back(fmt::format("{}{}", trial.epochs, trial.cut ? "+" : ""));
    }
  }
  for (const std::string& line : align(rows)) console.print("{}", line);
  if (shown < outcome.ranked.size()) {
    console.print("     and {} more", outcome.ranked.size() - shown);
  }
  if (outcome.ties() > 0) {
    console.print(
        "=  differs from the best by no more than the standard error of the difference "
        "over folds: {}",
        count_text(static_cast<std::int64_t>(outcome.ties()), "tie"));
  }
  if (outcome.diverged() > 0) {
    console.print("{} diverged and are left out",
                  count_text(static_cast<std::int64_t>(outcome.diverged()), "trial"));
  }
  console.print(
      "selection score: {} {:.4f}, the mean over the folds ({}) that chose the setting, "
      "and so a little flattering",
      to_string(outcome.metric), outcome.ranked[0].score.mean, outcome.folds.description);
}

void print_test(const Console& console, const SearchOutcome& outcome) {
  if (!outcome.test) return;
  console.print("");
  console.print(
      "test part ({}), kept out of the whole search; the best setting, trained on all "
      "else:",
      outcome.folds.description);
  print_metrics(console, *outcome.test);
  if (const auto rmse = outcome.fold_models_test_rmse()) {
    console.print(
        "RMSE of the models of the folds on it: {:.4f} (trained on as few ratings as "
        "those of the selection score)",
        *rmse);
  }
  if (outcome.test_ranking) print_ranking(console, *outcome.test_ranking);
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
  json["folds"] = outcome.folds.size();
  json["split"] = outcome.folds.description;
  json["test"] = nullptr;
  if (!outcome.test) return;
  json["test"] = Json::object();
  add_metrics(json["test"], *outcome.test);
  json["test"]["ranking"] = outcome.test_ranking ? ranking_json(*outcome.test_ranking) : Json();
  if (const auto rmse = outcome.fold_models_test_rmse()) {
    json["test"]["fold_models_rmse"] = *rmse;
  }
}

std::string search_csv(const SearchOutcome& outcome) {
  std::string csv = "rank,trial,status,tie";
  for (const std::string& parameter : outcome.parameters) {
    if (parameter != "epochs") csv += ',' + csv_field(parameter);
  }
  csv += ",epochs,score,standard_error,rmse,mae";
  for (std::size_t f = 1; f <= outcome.folds.size(); ++f) csv += fmt::format(",fold_{}", f);
  csv += '\n';
  const auto add = [&](const Trial& trial, const RankedTrial* ranked, std::size_t rank) {
    csv += fmt::format("{},{},{},{}", ranked == nullptr ? "" : fmt::format("{}", rank + 1),
                       trial.candidate + 1, status(trial),
                       ranked != nullptr && ranked->tie ? "1" : "0");
    for (const std::string& parameter : outcome.parameters) {
      if (parameter == "epochs") continue;
      csv += ',' + csv_field(value_of(outcome.settings_of(trial), parameter).value_or(""));
    }
    csv += trial.epochs > 0 ? fmt::format(",{}", trial.epochs) : ",";
    if (ranked == nullptr) {
      csv += std::string(4 + outcome.folds.size(), ',') + '\n';
      return;
    }
    csv += fmt::format(",{},{},{},{}", ranked->score.mean, ranked->score.standard_error,
                       mean_of(Metric::Kind::rmse, trial), mean_of(Metric::Kind::mae, trial));
    for (const double value : fold_values(outcome.metric, trial)) csv += fmt::format(",{}", value);
    csv += '\n';
  };
  for (std::size_t rank = 0; rank < outcome.ranked.size(); ++rank) {
    add(outcome.trial(rank), &outcome.ranked[rank], rank);
  }
  for (const Trial& trial : outcome.trials) {
    if (trial.folds.empty()) add(trial, nullptr, 0);
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
    Json json = trial_json(outcome.metric, trial, outcome.settings_of(trial));
    json.erase("event");
    json.erase("metric");
    trials.push_back(std::move(json));
  }
  metadata["search"] = json_line(trials);
  if (!outcome.test) return;
  metadata["test_rmse"] = fmt::format("{}", outcome.test->all.rmse());
  metadata["test_mae"] = fmt::format("{}", outcome.test->all.mae());
  metadata["test_ratings"] = fmt::format("{}", outcome.test->all.count);
  if (outcome.test_ranking) store_ranking(metadata, *outcome.test_ranking);
}

std::string config_text(const Settings& options, const std::string& about) {
  std::string text;
  for (const auto line : split_text(about, "\n")) text += fmt::format("# {}\n", line);
  for (const auto& [name, value] : options) {
    const bool quoted = CandidateParser::type_of(name) == ParameterType::text;
    text += quoted ? fmt::format("{} = {}\n", name, Json(value).dump())
                   : fmt::format("{} = {}\n", name, value);
  }
  return text;
}

}  // namespace tusk::cli
