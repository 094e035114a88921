#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <tusk/figures.hpp>
#include <tusk/plausibility.hpp>
#include <tusk/rating_histogram.hpp>
#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/data_options.hpp"

namespace tusk::cli {
namespace {

struct Quantiles {
  std::int64_t least = 0;
  std::int64_t median = 0;
  double mean = 0;
  std::int64_t most = 0;
};

Quantiles quantiles(std::vector<std::int64_t> counts) {
  std::sort(counts.begin(), counts.end());
  double sum = 0;
  for (const std::int64_t count : counts) sum += static_cast<double>(count);
  return {counts.front(), counts[(counts.size() - 1) / 2], sum / static_cast<double>(counts.size()),
          counts.back()};
}

Json to_json(const Quantiles& q) {
  return {{"min", q.least}, {"median", q.median}, {"mean", q.mean}, {"max", q.most}};
}

// What the files were taken for.
Json layout_json(const Dataset& data) {
  const auto& [delimiter, header, columns] = data.report.layout;
  Json json = {{"delimiter", delimiter}, {"header", header}, {"columns", Json::object()}};
  for (const auto& column : columns) json["columns"][column.field] = column.number;
  json["titles"] = nullptr;
  const TitlesReport& titles = data.report.titles;
  if (!titles.file.empty()) {
    json["titles"] = {{"file", titles.file.string()},
                      {"rows", titles.rows},
                      {"bad_rows", titles.bad_rows},
                      {"matched", titles.matched}};
  }
  json["titles_problems"] = titles.problems;
  return json;
}

class DataStatsCommand : public Command {
 public:
  std::string name() const override { return "data stats"; }
  std::string summary() const override { return "count and describe the ratings of a data set"; }
  std::string examples() const override {
    return "tusk data stats ml-100k\n"
           "tusk data stats ratings.txt --delimiter ';' --columns reader,book,stars";
  }

  void declare(CLI::App& app) override { data_.declare(app); }

  int run(Console& console) override {
    const Dataset data = data_.load(console);
    std::vector<std::int64_t> by_user;
    for (std::size_t u = 0; u + 1 < data.offset.size(); ++u) {
      by_user.push_back(data.offset[u + 1] - data.offset[u]);
    }
    std::vector<std::int64_t> by_item(static_cast<std::size_t>(data.items.size()), 0);
    for (const Index item : data.item) ++by_item[static_cast<std::size_t>(item)];
    const Quantiles users = quantiles(by_user);
    const Quantiles items = quantiles(by_item);
    const double density = static_cast<double>(data.size()) / (static_cast<double>(by_user.size()) *
                                                               static_cast<double>(by_item.size()));
    double sum = 0;
    for (const float rating : data.rating) sum += rating;
    const double mean = sum / static_cast<double>(data.size());
    double squares = 0;
    for (const float rating : data.rating) squares += (rating - mean) * (rating - mean);
    const double std = std::sqrt(squares / static_cast<double>(data.size()));
    const auto bars = rating_histogram(data);
    std::int64_t titles = 0;
    for (std::size_t i = 0; i < data.catalogue.title.size(); ++i) {
      titles += data.catalogue.title[i].empty() ? 0 : 1;
    }

    Json json = {{"event", "stats"},
                 {"source", data.source.string()},
                 {"users", data.users.size()},
                 {"items", data.items.size()},
                 {"ratings", data.size()},
                 {"density", density},
                 {"scale", {json_number(data.scale.low), json_number(data.scale.high)}},
                 {"duplicates", data.report.duplicates},
                 {"bad_rows", data.report.bad_rows},
                 {"mean", mean},
                 {"std", std},
                 {"titles", titles},
                 {"ratings_per_user", to_json(users)},
                 {"ratings_per_item", to_json(items)}};
    for (const auto& [rating, count] : bars) {
      json["histogram"].push_back({{"rating", json_number(rating)}, {"count", count}});
    }
    json["time"] = nullptr;
    if (!data.timestamp.empty()) {
      // One without a time is less than all others.
      const auto [least, last] = std::minmax_element(data.timestamp.begin(), data.timestamp.end());
      std::int64_t first = *least;
      if (first == kNoTime) {
        first = *last;
        for (const std::int64_t time : data.timestamp) {
          if (time != kNoTime) first = std::min(first, time);
        }
      }
      json["time"] = {first, *last};
    }
    const std::int64_t without_time = data.report.missing_times + data.report.unreadable_times;
    json["without_time"] = without_time;
    json["hash"] = dataset_hash(data);
    json["read"] = layout_json(data);
    json["warnings"] = Json::array();
    for (const Finding& finding : check_plausibility(data)) {
      json["warnings"].push_back({{"kind", to_string(finding.kind)},
                                  {"found", finding.found},
                                  {"remedy", finding.remedy}});
    }
    console.event(json);

    const auto row = [&](std::string_view key, const std::string& value) {
      console.print("{:<18}{}", key, value);
    };
    row("source", data.source.string());
    row("users", fmt::format("{}", data.users.size()));
    row("items", fmt::format("{} ({} with a title)", data.items.size(), titles));
    row("ratings", fmt::format("{}", data.size()));
    row("density", fmt::format("{:.4f}%", 100 * density));
    row("scale", fmt::format("{}, mean {}, standard deviation {}", scale_text(data.scale),
                             moment_text(mean, data.scale), moment_text(std, data.scale)));
    row("duplicates", fmt::format("{}", data.report.duplicates));
    const auto spread = [](const Quantiles& q) {
      return fmt::format("{} .. {}, median {}, mean {:.1f}", q.least, q.most, q.median, q.mean);
    };
    row("ratings per user", spread(users));
    row("ratings per item", spread(items));
    if (!data.timestamp.empty()) {
      const auto date = [](const Json& time) {
        return fmt::format("{:%Y-%m-%d}", fmt::gmtime(time.get<std::time_t>()));
      };
      row("time",
          fmt::format("{} .. {}{}", date(json["time"][0]), date(json["time"][1]),
                      without_time == 0 ? "" : fmt::format(" ({} without one)", without_time)));
    }
    constexpr double kWidest = 50;
    std::int64_t tallest = 0;
    for (const auto& [rating, count] : bars) tallest = std::max(tallest, count);
    for (const auto& [rating, count] : bars) {
      const auto length = static_cast<std::size_t>(kWidest * static_cast<double>(count) /
                                                   static_cast<double>(tallest));
      console.print("{:>8}{:>12}  {}", bar_text(rating, data.scale), count,
                    std::string(length, '#'));
    }
    return exit_done;
  }

 private:
  DataOptions data_;
};

}  // namespace

std::unique_ptr<Command> make_data_stats_command() { return std::make_unique<DataStatsCommand>(); }

}  // namespace tusk::cli
