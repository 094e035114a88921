#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include <tusk/comparison.hpp>
#include <tusk/error.hpp>
#include <tusk/figures.hpp>
#include <tusk/metrics_json.hpp>

#include "train/rating_moments.hpp"

namespace tusk {
namespace {

std::string p_text(double p) {
  if (std::isnan(p)) return "-";
  return p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", p);
}

bool has_errors(const ComparedModel& model) { return model.folds.front().metrics.has_errors; }

void test_folds(Comparison& comparison) {
  auto& [metric, folds, ranking, models] = comparison;
  // The same folds of every model.
  const auto figures = [&](const ComparedModel& model) {
    std::vector<double> values = model.values(comparison.metric);
    std::erase_if(values, [](double value) { return std::isnan(value); });
    return values;
  };
  const auto best = figures(models.front());
  // Of all folds together.
  double tested = 0;
  double trained = 0;
  for (std::size_t fold = 0; fold < folds.fold_count(); ++fold) {
    tested += static_cast<double>(count_ratings(folds.label, folds.held_out[fold]));
    trained += static_cast<double>(count_ratings(folds.label, folds.train(fold)));
  }
  std::vector<double> p;
  for (std::size_t m = 1; m < models.size(); ++m) {
    models[m].test = paired_test(figures(models[m]), best, tested / trained);
    p.push_back(models[m].test.p);
  }
  const auto adjusted = best.size() > 1 ? holm_adjusted(p) : p;
  for (std::size_t m = 1; m < models.size(); ++m) models[m].p = adjusted[m - 1];
}

// The same users of every model: whose lists are judged follows from the folds.
void test_users(Comparison& comparison) {
  std::vector<ComparedModel>& models = comparison.models;
  const auto figures = [&](const ComparedModel& model) {
    std::vector<double> values;
    for (const auto& [user, value] : model.user_values(comparison.metric)) values.push_back(value);
    return values;
  };
  const std::vector<double> best = figures(models.front());
  std::vector<double> p;
  for (std::size_t m = 1; m < models.size(); ++m) {
    const std::vector<double> own = figures(models[m]);
    std::vector<double> differences;
    for (std::size_t u = 0; u < own.size(); ++u) differences.push_back(own[u] - best[u]);
    const PairedTest test = paired_t_test(own, best);
    models[m].user_test = {std::ssize(own), test.difference, bootstrap_interval(differences),
                           test.p};
    p.push_back(test.p);
  }
  if (best.size() < 2) return;
  const auto adjusted = holm_adjusted(p);
  for (std::size_t m = 1; m < models.size(); ++m) models[m].user_test->p = adjusted[m - 1];
}

// As the head of a column.
std::string heading(const Metric& metric) {
  if (metric.of_lists()) return fmt::format("{}@{}", metric.figure->heading, metric.k);
  return metric.kind == Metric::Kind::rmse ? "RMSE" : "MAE";
}

}  // namespace

void ComparedModel::measure(Device& device, const Dataset& data, const Partition& on,
                            std::optional<RankingOptions> ranking, const Observer& observer) {
  const auto start = std::chrono::steady_clock::now();
  if (ranking) ranking->order = candidate.order;
  auto measured = cross_validate(device, data, on, candidate.options, observer, ranking);
  folds.insert(folds.end(), std::make_move_iterator(measured.begin()),
               std::make_move_iterator(measured.end()));
  seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

RatingMetrics ComparedModel::all_folds() const {
  RatingMetrics all;
  for (const FoldResult& fold : folds) all += fold.metrics;
  return all;
}

std::vector<double> ComparedModel::values(const Metric& metric) const {
  std::vector<double> values;
  for (const FoldResult& fold : folds) {
    values.push_back(metric.of_lists() ? value_of(metric, of_length(*fold.ranking, metric.k).mean)
                                       : value_of(metric, fold.metrics.all));
  }
  return values;
}

std::map<Index, double> ComparedModel::user_values(const Metric& metric) const {
  std::map<Index, std::vector<double>> of_folds;
  for (const FoldResult& fold : folds) {
    for (const JudgedUser& user : of_length(*fold.ranking, metric.k).judged) {
      of_folds[user.user].push_back(value_of(metric, user.figures));
    }
  }
  std::map<Index, double> values;
  for (const auto& [user, all] : of_folds) values[user] = score(all).mean;
  return values;
}

void Comparison::order_and_test() {
  if (std::isnan(models.front().mean(metric))) {
    throw InputError(
        metric.of_lists()
            ? fmt::format("in no fold a user has a relevant rating to judge lists by ({})",
                          relevance_text(models.front().folds.front().ranking->options.relevance))
            : "no fold has a rating to be tested on");
  }
  std::stable_sort(models.begin(), models.end(),
                   [&](const ComparedModel& a, const ComparedModel& b) {
                     return metric.better(a.mean(metric), b.mean(metric));
                   });
  test_folds(*this);
  if (metric.of_lists()) test_users(*this);
}

std::vector<Metric> Comparison::columns() const {
  std::vector<Metric> columns;
  if (std::any_of(models.begin(), models.end(), &has_errors)) {
    columns = {{Metric::Kind::rmse}, {Metric::Kind::mae}};
  }
  if (!ranking) return columns;
  std::vector<int> lengths = {ranking->k};
  lengths.insert(lengths.end(), ranking->other_k.begin(), ranking->other_k.end());
  for (const int k : lengths) {
    for (const ListFigure& figure : kListColumns) {
      columns.push_back({Metric::Kind::lists, &figure, k});
    }
  }
  return columns;
}

bool Comparison::has_calibration() const {
  return std::any_of(models.begin(), models.end(),
                     [](const ComparedModel& model) { return tusk::has_calibration(model.folds); });
}

TextRows seed_table(const Comparison& seeds) {
  const std::vector<Metric> columns = seeds.columns();
  TextRows rows = {{"seed"}, {"mean"}, {"std"}};
  for (const ComparedModel& model : seeds.models) rows.insert(rows.end() - 2, {model.label});
  for (const Metric& column : columns) {
    std::vector<double> means;
    for (const ComparedModel& model : seeds.models) means.push_back(model.mean(column));
    const auto [mean, standard_error] = score(means);
    const auto text = [&, of = mean](double value) { return score_text(column, value, of); };
    rows[0].push_back(heading(column));
    for (std::size_t m = 0; m < means.size(); ++m) rows[m + 1].push_back(text(means[m]));
    rows[means.size() + 1].push_back(text(mean));
    rows[means.size() + 2].push_back(
        text(standard_error * std::sqrt(static_cast<double>(means.size()))));
  }
  return rows;
}

Json seeds_json(const Comparison& seeds) {
  Json json = Json::array();
  for (const ComparedModel& model : seeds.models) {
    Json& row = json.emplace_back();
    row["seed"] = model.candidate.options.seed;
    for (const Metric& column : seeds.columns()) row[to_string(column)] = model.mean(column);
  }
  return json;
}

Json model_json(const Comparison& comparison, std::size_t place) {
  const ComparedModel& model = comparison.models[place];
  const bool best = place == 0;
  Json json = {{"event", "model"},
               {"label", model.label},
               {"model", model.candidate.options.model()},
               {"rank", place + 1}};
  if (has_errors(model)) {
    json["rmse"] = model.mean({Metric::Kind::rmse});
    json["mae"] = model.mean({Metric::Kind::mae});
  }
  if (tusk::has_calibration(model.folds)) json["calibration"] = calibration_json(model.folds);
  json["ranking"] = nullptr;
  if (comparison.ranking) {
    json["ranking"] = ranking_means_json(rankings_of(model.folds));
  }
  json["metric"] = to_string(comparison.metric);
  json["folds"] = model.values(comparison.metric);
  json["difference"] = best ? Json() : Json(model.test.difference);
  json["standard_error"] = best ? Json() : Json(model.test.standard_error);
  json["p"] = best || std::isnan(model.p) ? Json() : Json(model.p);
  if (model.user_test) {
    const UserTest& test = *model.user_test;
    json["over_users"] = {{"users", test.users},
                          {"difference", test.difference},
                          {"low", test.interval.low},
                          {"high", test.interval.high},
                          {"p", std::isnan(test.p) ? Json() : Json(test.p)}};
  }
  json["seconds"] = model.seconds;
  return json;
}

TextRows model_table(const Comparison& comparison) {
  const auto& [metric, folds, ranking, models] = comparison;
  const std::vector<Metric> columns = comparison.columns();
  TextRows rows = {{"model"}};
  for (const Metric& column : columns) rows[0].push_back(heading(column));
  const bool calibrated = comparison.has_calibration();
  for (const CalibrationFigure& figure : kCalibrationFigures) {
    if (calibrated) rows[0].push_back(figure.heading);
  }
  rows[0].insert(rows[0].end(), {"difference", "p"});
  if (metric.of_lists()) rows[0].insert(rows[0].end(), {"95% over users", "p over users"});
  rows[0].push_back("seconds");
  for (std::size_t m = 0; m < models.size(); ++m) {
    const ComparedModel& model = models[m];
    const auto difference_text = [&, of = &metric, best = &models[0]](double difference) {
      return (difference < 0 ? "" : "+") + score_text(*of, difference, best->mean(*of));
    };
    std::vector<std::string>& row = rows.emplace_back();
    row.push_back(model.label);
    for (const Metric& column : columns) {
      const double mean = model.mean(column);
      row.push_back(score_text(column, mean, mean));
    }
    for (const CalibrationFigure& figure : kCalibrationFigures) {
      if (!calibrated) break;
      row.push_back(calibration_text(figure, mean_calibration(model.folds, figure)));
    }
    row.push_back(m == 0 ? "" : difference_text(model.test.difference));
    row.push_back(m == 0 ? "" : p_text(model.p));
    if (model.user_test) {
      const auto& [low, high] = model.user_test->interval;
      row.push_back(fmt::format("{} .. {}", difference_text(low), difference_text(high)));
      row.push_back(p_text(model.user_test->p));
    } else if (metric.of_lists()) {
      row.insert(row.end(), {"", ""});
    }
    row.push_back(fmt::format("{:.1f}", model.seconds));
  }
  return rows;
}

TableCells best_cells(const Comparison& comparison) {
  TableCells best;
  const TextRows rows = model_table(comparison);
  const std::vector<Metric> metrics = comparison.columns();
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
  const std::vector<Metric> columns = comparison.columns();
  std::vector<std::string> header = {"rank", "label", "model"};
  for (const Metric& column : columns) header.push_back(to_string(column));
  const bool calibrated = comparison.has_calibration();
  for (const CalibrationFigure& figure : kCalibrationFigures) {
    if (calibrated) header.push_back(figure.key);
  }
  header.insert(header.end(), {"difference", "standard_error", "p"});
  if (metric.of_lists()) {
    header.insert(header.end(), {"users", "user_difference", "user_low", "user_high", "user_p"});
  }
  header.push_back("seconds");
  for (std::size_t f = 1; f <= models.front().folds.size(); ++f) {
    header.push_back(fmt::format("fold_{}", f));
  }
  std::string csv = csv_line(header, cells);
  const auto number = [](double value) {
    return std::isnan(value) ? std::string() : fmt::format("{}", value);
  };
  for (std::size_t m = 0; m < models.size(); ++m) {
    const ComparedModel& model = models[m];
    const auto of_test = [&](double value) { return m == 0 ? std::string() : number(value); };
    std::vector<std::string> row = {fmt::format("{}", m + 1), model.label,
                                    model.candidate.options.model()};
    for (const Metric& column : columns) row.push_back(number(model.mean(column)));
    for (const CalibrationFigure& figure : kCalibrationFigures) {
      if (calibrated) row.push_back(number(mean_calibration(model.folds, figure)));
    }
    row.insert(row.end(), {of_test(model.test.difference), of_test(model.test.standard_error),
                           of_test(model.p)});
    if (metric.of_lists()) {
      const UserTest test = model.user_test.value_or(UserTest());
      row.insert(row.end(),
                 {m == 0 ? "" : fmt::format("{}", test.users), of_test(test.difference),
                  of_test(test.interval.low), of_test(test.interval.high), of_test(test.p)});
    }
    row.push_back(number(model.seconds));
    for (const double value : model.values(metric)) row.push_back(number(value));
    csv += csv_line(row, cells);
  }
  return csv;
}

}  // namespace tusk
