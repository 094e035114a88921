#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include <tusk/comparison.hpp>
#include <tusk/error.hpp>
#include <tusk/figures.hpp>
#include <tusk/metrics_json.hpp>

namespace tusk {
namespace {

std::string p_text(double p) {
  if (std::isnan(p)) return "-";
  return p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", p);
}

std::string heading_of(const Metric& metric) {
  if (metric.of_lists()) return fmt::format("{}@{}", metric.figure->heading, metric.k);
  return metric.kind == Metric::Kind::rmse ? "RMSE" : "MAE";
}

}  // namespace

void ComparedModel::measure(Device& device, const Dataset& data, const Partition& on,
                            std::optional<RankingOptions> ranking, const Observer& observer) {
  const auto start = std::chrono::steady_clock::now();
  if (ranking) ranking->order = candidate.order;
  folds = cross_validate(device, data, on, candidate.options, observer, ranking);
  seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

RatingMetrics ComparedModel::all_folds() const {
  RatingMetrics all;
  for (const FoldResult& fold : folds) all += fold.metrics;
  return all;
}

std::vector<double> ComparedModel::values(const Metric& metric) const {
  std::vector<double> values;
  for (const FoldResult& fold : folds) {
    values.push_back(metric.of_lists() ? value_of(metric, fold.ranking->mean)
                                       : value_of(metric, fold.metrics.all));
  }
  return values;
}

void Comparison::order_and_test() {
  if (std::isnan(models.front().mean(metric))) {
    throw InputError(
        metric.of_lists()
            ? fmt::format("in no fold a user has a relevant rating, of {:g} or more, to judge "
                          "lists by",
                          ranking->relevance)
            : "no fold has a rating to be tested on");
  }
  std::stable_sort(models.begin(), models.end(),
                   [&](const ComparedModel& a, const ComparedModel& b) {
                     return metric.better(a.mean(metric), b.mean(metric));
                   });
  // The same folds of every model.
  const auto figures = [&](const ComparedModel& model) {
    std::vector<double> values = model.values(metric);
    std::erase_if(values, [](double value) { return std::isnan(value); });
    return values;
  };
  const auto best = figures(models.front());
  // Of a fold, on average.
  const double tested = static_cast<double>(models.front().all_folds().all.count) /
                        static_cast<double>(folds.fold_count());
  const double trained = static_cast<double>(folds.label.size()) - tested;
  std::vector<double> p;
  for (std::size_t m = 1; m < models.size(); ++m) {
    models[m].test = paired_test(figures(models[m]), best, tested / trained);
    p.push_back(models[m].test.p);
  }
  const auto adjusted = best.size() > 1 ? holm_adjusted(p) : p;
  for (std::size_t m = 1; m < models.size(); ++m) models[m].p = adjusted[m - 1];
}

Json model_json(const Comparison& comparison, std::size_t place) {
  const ComparedModel& model = comparison.models[place];
  const bool best = place == 0;
  Json json = {{"event", "model"},
               {"label", model.label},
               {"model", model.candidate.options.model()},
               {"rank", place + 1},
               {"rmse", model.mean({Metric::Kind::rmse})},
               {"mae", model.mean({Metric::Kind::mae})}};
  json["ranking"] = nullptr;
  if (comparison.ranking) {
    json["ranking"] = ranking_means_json(rankings_of(model.folds));
  }
  json["metric"] = to_string(comparison.metric);
  json["folds"] = model.values(comparison.metric);
  json["difference"] = best ? Json() : Json(model.test.difference);
  json["standard_error"] = best ? Json() : Json(model.test.standard_error);
  json["p"] = best || std::isnan(model.p) ? Json() : Json(model.p);
  json["seconds"] = model.seconds;
  return json;
}

std::vector<Metric> table_metrics(const Comparison& comparison) {
  std::vector<Metric> metrics = {{Metric::Kind::rmse}, {Metric::Kind::mae}};
  if (!comparison.ranking) return metrics;
  for (const ListFigure& column : kListColumns) {
    metrics.push_back({Metric::Kind::lists, &column, comparison.ranking->k});
  }
  return metrics;
}

TextRows model_table(const Comparison& comparison) {
  const auto& [metric, folds, ranking, models] = comparison;
  const std::vector<Metric> metrics = table_metrics(comparison);
  TextRows rows = {{"model"}};
  for (const Metric& column : metrics) rows[0].push_back(heading_of(column));
  rows[0].insert(rows[0].end(), {"difference", "p", "seconds"});
  for (std::size_t m = 0; m < models.size(); ++m) {
    const ComparedModel& model = models[m];
    auto& row = rows.emplace_back();
    row.push_back(model.label);
    for (const Metric& column : metrics) {
      const double mean = model.mean(column);
      row.push_back(score_text(column, mean, mean));
    }
    const double difference = model.test.difference;
    row.push_back(m == 0 ? ""
                         : (difference < 0 ? "" : "+") +
                               score_text(metric, difference, models[0].mean(metric)));
    row.push_back(m == 0 ? "" : p_text(model.p));
    row.push_back(fmt::format("{:.1f}", model.seconds));
  }
  return rows;
}

TableCells best_cells(const Comparison& comparison) {
  TableCells best;
  const TextRows rows = model_table(comparison);
  const std::vector<Metric> metrics = table_metrics(comparison);
  const auto& models = comparison.models;
  if (models.size() < 2) return best;
  for (std::size_t c = 0; c < metrics.size(); ++c) {
    std::optional<std::size_t> first;
    for (std::size_t m = 0; m < models.size(); ++m) {
      const double mean = models[m].mean(metrics[c]);
      if (std::isnan(mean)) continue;
      if (!first || metrics[c].better(mean, models[*first].mean(metrics[c]))) first = m;
    }
    if (!first) continue;
    for (std::size_t row = 1; row < rows.size(); ++row) {
      if (rows[row][c + 1] == rows[*first + 1][c + 1]) best.insert({row, c + 1});
    }
  }
  return best;
}

std::string comparison_csv(const Comparison& comparison, Cells cells) {
  const auto& [metric, folds, ranking, models] = comparison;
  const std::vector<Metric> metrics = table_metrics(comparison);
  std::vector<std::string> header = {"rank", "label", "model"};
  for (const Metric& column : metrics) header.push_back(to_string(column));
  header.insert(header.end(), {"difference", "standard_error", "p", "seconds"});
  for (std::size_t f = 1; f <= folds.fold_count(); ++f) header.push_back(fmt::format("fold_{}", f));
  std::string csv = csv_line(header, cells);
  const auto number = [](double value) {
    return std::isnan(value) ? std::string() : fmt::format("{}", value);
  };
  for (std::size_t m = 0; m < models.size(); ++m) {
    const ComparedModel& model = models[m];
    const auto of_test = [&](double value) { return m == 0 ? std::string() : number(value); };
    std::vector<std::string> row = {fmt::format("{}", m + 1), model.label,
                                    model.candidate.options.model()};
    for (const Metric& column : metrics) row.push_back(number(model.mean(column)));
    row.insert(row.end(), {of_test(model.test.difference), of_test(model.test.standard_error),
                           of_test(model.p), number(model.seconds)});
    for (const double value : model.values(metric)) row.push_back(number(value));
    csv += csv_line(row, cells);
  }
  return csv;
}

}  // namespace tusk
