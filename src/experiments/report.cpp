#include <algorithm>

#include <fmt/format.h>

#include <tusk/data_stats.hpp>
#include <tusk/report.hpp>
#include <tusk/version.hpp>

#include "experiments/report/report_page.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

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

Report::Report(const std::string& title, const std::string& command, std::string_view device) {
  data_ = {{"title", title},   {"command", command},     {"version", kVersion},
           {"device", device}, {"facts", Json::array()}, {"scores", Json::array()}};
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

void Report::add_errors(const std::string& of, const RatingMetrics& metrics) {
  if (!metrics.has_errors) return;
  data_["errors"] = {{"of", of},
                     {"by_user", errors_json(metrics.by_user_ratings)},
                     {"by_item", errors_json(metrics.by_item_ratings)}};
  const Calibration& calibration = metrics.calibration;
  if (calibration.count == 0) return;
  Json levels = Json::array();
  for (std::size_t level = 0; level < Calibration::kLevels.size(); ++level) {
    levels.push_back({Calibration::kLevels[level], calibration.coverage(level)});
  }
  data_["calibration"] = {{"of", of},
                          {"ratings", calibration.count},
                          {"crps", calibration.crps()},
                          {"deviation", calibration.mean_deviation()},
                          {"levels", levels}};
}

std::string Report::html() const {
  constexpr std::string_view kPlace = "@REPORT_DATA@";
  std::string page = kReportPage;
  page.replace(page.find(kPlace), kPlace.size(), embedded(data_));
  return page;
}

}  // namespace tusk
