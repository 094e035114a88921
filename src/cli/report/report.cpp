#include "cli/report/report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tusk/version.hpp>

#include "cli/rating_histogram.hpp"
#include "cli/report/report_page.hpp"
#include "cli/search/search_output.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

Json curves_json(const std::vector<Curve>& curves) {
  Json json = Json::array();
  for (const Curve& curve : curves) {
    Json points = Json::array();
    for (const auto& [epoch, train, validation] : curve.points) {
      points.push_back({epoch, train, validation ? Json(*validation) : Json()});
    }
    json.push_back({{"label", curve.label}, {"epochs", curve.epochs}, {"points", points}});
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

Json errors_json(const ErrorsByCount& errors) {
  Json json = Json::array();
  for (std::size_t b = 0; b < errors.size(); ++b) {
    if (errors[b].count == 0) continue;
    const bool last = b + 1 == errors.size();
    const std::int64_t end = last ? 0 : kCountBins[b + 1] - 1;
    const std::string label = last                   ? fmt::format("{}+", kCountBins[b])
                              : end == kCountBins[b] ? fmt::format("{}", end)
                                                     : fmt::format("{}–{}", kCountBins[b], end);
    json.push_back({label, errors[b].count, errors[b].rmse(), errors[b].mae()});
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

// JSON that is safe in a script element: nothing in it ends the element.
std::string embedded(const Json& json) {
  std::string safe;
  for (const char c : json_line(json)) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace

Report::Report(const Console& console, const std::string& title, std::string_view device) {
  data_ = {{"title", title},   {"command", console.command()}, {"version", kVersion},
           {"device", device}, {"facts", Json::array()},       {"scores", Json::array()}};
}

void Report::add_fact(const std::string& name, const std::string& value) {
  data_["facts"].push_back({name, value});
}

void Report::add_score(const std::string& label, double value, double standard_error,
                       const std::string& note) {
  data_["scores"].push_back(
      {{"label", label}, {"value", value}, {"standard_error", standard_error}, {"note", note}});
}

void Report::add_data(const Dataset& data) {
  Json bars = Json::array();
  double sum = 0;
  for (const float rating : data.rating) sum += rating;
  for (const auto& [rating, count] : rating_histogram(data)) {
    bars.push_back({json_number(rating), count});
  }
  data_["data"] = {{"users", data.users.size()},
                   {"items", data.items.size()},
                   {"ratings", data.size()},
                   {"mean", sum / static_cast<double>(data.size())},
                   {"histogram", bars}};
}

void Report::add_curves(const std::vector<Curve>& curves) { data_["curves"] = curves_json(curves); }

void Report::add_fold_scores(const Metric& metric, const std::vector<FoldSeries>& series) {
  data_["fold_scores"] = fold_scores_json(metric, series);
}

void Report::add_errors(const std::string& of, const RatingMetrics& metrics) {
  data_["errors"] = {{"of", of},
                     {"by_user", errors_json(metrics.by_user_ratings)},
                     {"by_item", errors_json(metrics.by_item_ratings)}};
}

void Report::add_search(const SearchOutcome& outcome) {
  constexpr std::size_t kMostCurves = 5;
  Json search = {{"metric", to_string(outcome.metric)},
                 {"higher_is_better", outcome.metric.of_lists()},
                 {"folds", outcome.folds.size()},
                 {"parameters", Json::array()},
                 {"trials", Json::array()}};
  for (std::size_t p = 0; p < outcome.parameters.size(); ++p) {
    search["parameters"].push_back(
        {{"name", outcome.parameters[p]}, {"logarithmic", outcome.logarithmic[p]}});
  }
  const auto add = [&](const Trial& trial) -> Json& {
    Json json = trial_json(outcome.metric, trial, outcome.settings_of(trial));
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
  search["best_command"] = outcome.best_command;
  search["best_text"] =
      fmt::format("Trial {} of {}; {} with it by what the folds can tell.",
                  outcome.trial(0).candidate + 1, outcome.trials.size(),
                  outcome.ties() == 0 ? "none ties" : fmt::format("{} tie", outcome.ties()));
  const auto test = outcome.test_score();
  search["test_score"] = test ? Json(*test) : Json();
  data_["searches"].push_back(std::move(search));
}

void Report::add_models(Json compared) { data_["compared"] = std::move(compared); }

std::string Report::html() const {
  constexpr std::string_view kPlace = "@REPORT_DATA@";
  std::string page = kReportPage;
  page.replace(page.find(kPlace), kPlace.size(), embedded(data_));
  return page;
}

}  // namespace tusk::cli
