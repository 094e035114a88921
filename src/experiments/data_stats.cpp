#include <algorithm>
#include <cmath>

#include <tusk/data_stats.hpp>
#include <tusk/error.hpp>
#include <tusk/plausibility.hpp>

namespace tusk {
namespace {

DataStats::Counts counts_of(std::vector<std::int64_t> counts) {
  std::sort(counts.begin(), counts.end());
  double sum = 0;
  for (const std::int64_t count : counts) sum += static_cast<double>(count);
  return {counts.front(), counts[(counts.size() - 1) / 2], sum / static_cast<double>(counts.size()),
          counts.back()};
}

Json to_json(const DataStats::Counts& q) {
  return {{"min", q.least}, {"median", q.median}, {"mean", q.mean}, {"max", q.most}};
}

// What the files were taken for.
Json layout_json(const Dataset& data) {
  const auto& [delimiter, header, columns, kind] = data.report.layout;
  Json json = {{"layout", to_string(kind)},
               {"delimiter", delimiter},
               {"header", header},
               {"columns", Json::object()}};
  for (const auto& column : columns) json["columns"][column.field] = column.number;
  json["titles"] = nullptr;
  const TitlesReport& titles = data.report.titles;
  if (!titles.file.empty()) {
    json["titles"] = {{"file", titles.file.string()},
                      {"rows", titles.rows},
                      {"bad_rows", titles.bad_rows},
                      {"bad_lines", titles.bad_lines},
                      {"matched", titles.matched}};
  }
  json["titles_problems"] = titles.problems;
  return json;
}

}  // namespace

std::map<float, std::int64_t> rating_histogram(const Dataset& data) {
  constexpr std::size_t kMostBars = 20;
  constexpr int kRanges = 10;
  std::map<float, std::int64_t> bars;
  for (const float rating : data.rating) {
    ++bars[rating];
    if (bars.size() > kMostBars) break;
  }
  if (bars.size() <= kMostBars) return bars;
  bars.clear();
  const float width = (data.scale.high - data.scale.low) / kRanges;
  for (const float rating : data.rating) {
    const int range = std::min(kRanges - 1, static_cast<int>((rating - data.scale.low) / width));
    ++bars[data.scale.low + static_cast<float>(range) * width];
  }
  return bars;
}

DataStats describe(const Dataset& data) {
  DataStats stats;
  std::vector<std::int64_t> by_user;
  for (std::size_t u = 0; u + 1 < data.offset.size(); ++u) {
    by_user.push_back(data.offset[u + 1] - data.offset[u]);
  }
  std::vector<std::int64_t> by_item(static_cast<std::size_t>(data.items.size()), 0);
  for (const Index item : data.item) ++by_item[static_cast<std::size_t>(item)];
  stats.by_user = counts_of(by_user);
  stats.by_item = counts_of(by_item);
  const auto ratings = static_cast<double>(data.size());
  stats.density =
      ratings / (static_cast<double>(by_user.size()) * static_cast<double>(by_item.size()));
  double sum = 0;
  for (const float rating : data.rating) sum += rating;
  stats.mean = sum / ratings;
  double squares = 0;
  for (const float rating : data.rating) squares += (rating - stats.mean) * (rating - stats.mean);
  stats.deviation = std::sqrt(squares / ratings);
  for (std::size_t i = 0; i < data.catalogue.title.size(); ++i) {
    stats.titles += data.catalogue.title[i].empty() ? 0 : 1;
  }
  for (const std::int64_t time : data.timestamp) {
    if (!stats.time) stats.time = {time, time};
    auto& [first, last] = *stats.time;
    // One without a time is less than all others.
    if (time != kNoTime) first = first == kNoTime ? time : std::min(first, time);
    last = std::max(last, time);
  }
  stats.without_time = data.report.missing_times + data.report.unreadable_times;
  stats.histogram = rating_histogram(data);
  return stats;
}

Json to_json(const Dataset& data, const DataStats& stats) {
  Json json = {{"event", "stats"},
               {"source", data.source.string()},
               {"users", data.users.size()},
               {"items", data.items.size()},
               {"ratings", data.size()},
               {"density", stats.density},
               {"scale", {json_number(data.scale.low), json_number(data.scale.high)}},
               {"duplicates", data.report.duplicates},
               {"bad_rows", data.report.bad_rows},
               {"mean", stats.mean},
               {"std", stats.deviation},
               {"titles", stats.titles},
               {"ratings_per_user", to_json(stats.by_user)},
               {"ratings_per_item", to_json(stats.by_item)}};
  for (const auto& [rating, count] : stats.histogram) {
    json["histogram"].push_back({{"rating", json_number(rating)}, {"count", count}});
  }
  json["time"] = nullptr;
  if (stats.time) json["time"] = {stats.time->first, stats.time->second};
  json["without_time"] = stats.without_time;
  json["hash"] = dataset_hash(data);
  json["read"] = layout_json(data);
  json["warnings"] = Json::array();
  for (const Finding& finding : check_plausibility(data)) {
    json["warnings"].push_back({{"kind", to_string(finding.kind)},
                                {"found", finding.found},
                                {"remedy", with_option_names(finding.remedy, plain_name)}});
  }
  return json;
}

}  // namespace tusk
