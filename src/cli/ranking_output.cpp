#include "cli/ranking_output.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tusk/search.hpp>

#include "cli/interrupts.hpp"
#include "cli/list_order_options.hpp"
#include "cli/metrics_output.hpp"
#include "cli/progress.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

struct Figure {
  std::string_view key;
  std::string heading;
  double value;
  int decimals;
};

// NaN without a user.
std::vector<Figure> figures(const RankingMetrics& metrics) {
  std::vector<Figure> figures;
  for (const ListFigure& figure : kListFigures) {
    figures.push_back({figure.key, fmt::format("{}@{}", figure.heading, metrics.options.k),
                       metrics.mean.*figure.value, 4});
  }
  figures.push_back({"coverage", "coverage", metrics.coverage, 4});
  figures.push_back({"popularity", "popularity", metrics.popularity, 1});
  figures.push_back({"novelty", "novelty", metrics.novelty, 2});
  if (metrics.users == 0) {
    for (Figure& figure : figures) figure.value = std::nan("");
  }
  return figures;
}

// The means over those folds that have a figure.
std::vector<Figure> mean_figures(std::span<const RankingMetrics> folds) {
  std::vector<Figure> means = figures(folds.front());
  for (std::size_t f = 0; f < means.size(); ++f) {
    std::vector<double> values;
    for (const RankingMetrics& fold : folds) values.push_back(figures(fold)[f].value);
    means[f].value = score(values).mean;
  }
  return means;
}

struct UserCounts {
  std::int64_t users = 0;
  std::int64_t tied = 0;
};

UserCounts user_counts(std::span<const RankingMetrics> rankings) {
  UserCounts counts;
  for (const RankingMetrics& ranking : rankings) {
    counts.users += ranking.users;
    counts.tied += ranking.tied_users;
  }
  return counts;
}

std::string protocol(const RankingOptions& options) {
  return fmt::format("top {}, candidates {}, relevant from {:g}, {}", options.k,
                     to_string(options.candidates), options.relevance, order_text(options.order));
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

std::string heading_row(const std::vector<Figure>& row) {
  std::string text;
  for (const Figure& figure : row) text += fmt::format("{:>11}", figure.heading);
  return text;
}

std::string value_row(const std::vector<Figure>& row) {
  std::string text;
  for (const Figure& figure : row) {
    text += std::isnan(figure.value) ? fmt::format("{:>11}", "-")
                                     : fmt::format("{:>11.{}f}", figure.value, figure.decimals);
  }
  return text;
}

}  // namespace

RankingMetrics judge_ranking(Console& console, Backend& backend, const Model& model,
                             const RatingList& test, const RankingOptions& options) {
  WorkProgress progress(console, "ranking");
  const RankingHooks hooks{
      [&](std::int64_t done, std::int64_t of) { progress.on_progress(done, of); }, &interrupted};
  RankingMetrics metrics = evaluate_ranking(backend, model, test, options, hooks);
  console.end_progress_line();
  note_ties(console, {&metrics, 1});
  return metrics;
}

std::vector<RankingMetrics> rankings_of(const std::vector<FoldResult>& folds) {
  std::vector<RankingMetrics> rankings;
  for (const FoldResult& fold : folds) {
    if (fold.ranking) rankings.push_back(*fold.ranking);
  }
  return rankings;
}

std::int64_t folds_with_lists(std::span<const RankingMetrics> folds) {
  return std::count_if(folds.begin(), folds.end(), [](auto& fold) { return fold.users > 0; });
}

void note_ties(const Console& console, std::span<const RankingMetrics> rankings) {
  const auto [users, tied] = user_counts(rankings);
  note_ties(console, tied, users,
            "the ranking's figures are expected values over all orders of tied items");
}

void note_ties(const Console& console, std::int64_t tied, std::int64_t lists,
               std::string_view consequence) {
  if (100 * tied <= lists) return;
  console.note(fmt::format("{} of {} end inside a tie, with items left out that score the same: {}",
                           tied, count_text(lists, "list"), consequence));
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
  for (const Figure& figure : figures(metrics)) json[std::string(figure.key)] = figure.value;
  return json;
}

Json ranking_means_json(std::span<const RankingMetrics> folds) {
  Json json = protocol_json(folds.front().options);
  const auto [users, tied] = user_counts(folds);
  json["folds"] = folds_with_lists(folds);
  json["users"] = users;
  json["tied_users"] = tied;
  for (const Figure& figure : mean_figures(folds)) json[std::string(figure.key)] = figure.value;
  return json;
}

void print_ranking(const Console& console, const RankingMetrics& metrics) {
  console.print("ranking, {}: means over {} with relevant items", protocol(metrics.options),
                count_text(metrics.users, "user"));
  if (metrics.users == 0) return;
  const auto row = figures(metrics);
  console.print("{}", heading_row(row));
  console.print("{}", value_row(row));
}

void print_ranking_of_folds(const Console& console, std::span<const RankingMetrics> folds) {
  console.print("ranking, {}:", protocol(folds.front().options));
  console.print("{:<6}{:>10}{}", "fold", "users", heading_row(figures(folds.front())));
  for (std::size_t f = 0; f < folds.size(); ++f) {
    console.print("{:<6}{:>10}{}", f + 1, folds[f].users, value_row(figures(folds[f])));
  }
  console.print("{:<6}{:>10}{}", "mean", "", value_row(mean_figures(folds)));
  print_missing_folds(console, folds_with_lists(folds), std::ssize(folds), kLackLists);
}

void store_ranking(std::map<std::string, std::string>& metadata, const RankingMetrics& metrics) {
  metadata["test_ranking"] =
      fmt::format("{}, {}", protocol(metrics.options), count_text(metrics.users, "user"));
  if (metrics.users == 0) return;
  for (const Figure& figure : figures(metrics)) {
    metadata[fmt::format("test_{}", figure.key)] = fmt::format("{}", figure.value);
  }
}

}  // namespace tusk::cli
