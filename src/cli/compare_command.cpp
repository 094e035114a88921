#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/data_options.hpp"
#include "cli/device_options.hpp"
#include "cli/fold_options.hpp"
#include "cli/output_file.hpp"
#include "cli/program.hpp"
#include "cli/progress.hpp"
#include "cli/ranking_options.hpp"
#include "cli/ranking_output.hpp"
#include "cli/report/report.hpp"
#include "cli/search/candidate_options.hpp"
#include "cli/text_grid.hpp"
#include "cli/training_options.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

// A model that is compared, and what came of it.
struct Entry {
  std::string label;
  Candidate candidate;
  std::vector<FoldResult> folds;
  double seconds = 0;
  PairedTest test;  // against the best
  double p = 1;     // of the test, adjusted for the number of tests
};

RatingMetrics pooled(const Entry& entry) {
  RatingMetrics all;
  for (const FoldResult& fold : entry.folds) all += fold.metrics;
  return all;
}

std::vector<double> values_of(const Metric& metric, const Entry& entry) {
  std::vector<double> values;
  for (const FoldResult& fold : entry.folds) {
    values.push_back(metric.of_lists() ? value_of(metric, fold.ranking->mean)
                                       : value_of(metric, fold.metrics.all));
  }
  return values;
}

double mean_of(const Metric& metric, const Entry& entry) {
  return score(values_of(metric, entry)).mean;
}

class CompareCommand : public Command {
 public:
  std::string name() const override { return "compare"; }
  std::string summary() const override { return "compare models on the same folds"; }
  std::string examples() const override {
    return "tusk compare ml-100k\n"
           "tusk compare ml-100k --folds official --models bias,item-knn,mf --report models.html\n"
           "tusk compare ml-100k --models mf,best.toml --metric ndcg@10";
  }

  void declare(CLI::App& app) override {
    app_ = &app;
    data_.declare(app);
    app.add_option("--models", models_,
                   "which, separated by commas: names of models, with the options given here that "
                   "they have, and files that say what --config of train would be told")
        ->capture_default_str();
    folds_.declare(app);
    app.add_option("--metric", metric_,
                   "what models are ordered and tested by: rmse, mae, or of lists precision@K, "
                   "recall@K, ndcg@K, map@K, mrr@K, hit-rate@K")
        ->capture_default_str();
    const char* results = "Results";
    app.add_option("--csv", csv_, "write the table to this file")->group(results);
    app.add_option("--report", report_, "write a page about it to this file (.html)")
        ->group(results);
    app.add_flag("--overwrite", overwrite_, "replace results that are there")->group(results);
    training_.declare(app, TrainingOptions::For::comparison);
    ranking_.declare(app);
    device_.declare_training(app);
  }

  // An option must be one of some model that is compared.
  void check_given(const GivenOptions& given) override {
    std::vector<ModelKind> kinds;
    for (const auto entry : split_text(models_, ",")) {
      if (!is_file(entry)) kinds.push_back(parse_model_kind(trimmed(entry)));
    }
    for (const CLI::Option* option : given) {
      const bool concerns = std::any_of(kinds.begin(), kinds.end(), [&](ModelKind kind) {
        return training_.concerns(option, kind);
      });
      if (concerns || (kinds.empty() && training_.concerns(option, ModelKind::mean))) continue;
      throw UsageError(fmt::format("{} is an option of none of the models that are compared",
                                   option->get_name()));
    }
  }

  int run(Console& console) override {
    const auto start = std::chrono::steady_clock::now();
    const Metric metric = parse_metric(metric_);
    auto ranking = ranking_.options(training_.seed());
    if (metric.of_lists() && !ranking) throw UsageError("--top 0 judges no lists; leave it out");
    if (metric.of_lists()) ranking->k = metric.k;
    const FoldsSpec spec = folds_.spec();
    std::vector<Entry> entries = read_entries();
    if (!csv_.empty()) check_output("--csv", csv_, overwrite_);
    if (!report_.empty()) check_output("--report", report_, overwrite_);
    const auto backend = device_.open(console, GpuWork::much);
    const Dataset data = data_.load(console, device_.threads());
    const Folds folds = make_folds(data, spec, training_.seed());
    ranking_.warn(console, data.scale);

    const InterruptGuard guard;
    for (Entry& entry : entries) {
      console.note(fmt::format("{}:", entry.label));
      TrainingProgress progress(console, "fold");
      // Epochs of all models would drown their figures.
      TrainHooks hooks = progress.hooks();
      if (console.json()) hooks.on_epoch = nullptr;
      if (ranking) ranking->order = entry.candidate.order;
      const auto begin = std::chrono::steady_clock::now();
      entry.folds = cross_validate(*backend, data, folds, entry.candidate.options, hooks, ranking);
      entry.seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      console.end_progress_line();
      if (entry.folds.empty()) {
        console.warn("interrupted; nothing was compared");
        return exit_interrupted;
      }
    }
    compare(metric, folds, entries);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    report(console, metric, folds, entries, ranking, seconds.count());
    if (!csv_.empty()) write_csv(metric, entries, ranking);
    if (!report_.empty()) {
      write_report(console, *backend, data, metric, folds, entries, ranking);
      console.print("saved {}", report_);
    }
    return exit_done;
  }

 private:
  static bool is_file(std::string_view entry) {
    return trimmed(entry).ends_with(".toml") || entry.find('/') != std::string_view::npos;
  }

  std::vector<Entry> read_entries() const {
    std::vector<Entry> entries;
    for (const auto part : split_text(models_, ",")) {
      const std::string text(trimmed(part));
      if (text.empty()) throw UsageError("--models: a model is missing");
      Entry& entry = entries.emplace_back();
      CandidateOptions options(TrainingOptions::For::training);
      if (is_file(text)) {
        entry.label = std::filesystem::path(text).stem().string();
        options.set("seed", {fmt::format("{}", training_.seed())});
        for (const auto& [name, values] : config_settings(text, "train", command_options())) {
          if (options.has(name)) options.set(name, values);
        }
      } else {
        entry.label = text;
        options.set("model", {text});
        for (const std::string& name : option_names(options.app())) {
          const CLI::Option* const option = app_->get_option_no_throw("--" + name);
          if (option != nullptr && option->count() > 0) options.set(name, option->results());
        }
      }
      entry.candidate = options.candidate();
    }
    for (std::size_t e = 0; e < entries.size(); ++e) {
      for (std::size_t other = 0; other < e; ++other) {
        if (entries[e].label == entries[other].label) {
          throw UsageError(fmt::format("--models names {} twice", entries[e].label));
        }
      }
    }
    return entries;
  }

  // Orders the entries, best first, and tests the others against the best.
  static void compare(const Metric& metric, const Folds& folds, std::vector<Entry>& entries) {
    std::stable_sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
      return metric.better(mean_of(metric, a), mean_of(metric, b));
    });
    const auto best = values_of(metric, entries.front());
    // Of a fold, on average.
    const auto tested =
        static_cast<double>(pooled(entries.front()).all.count) / static_cast<double>(folds.size());
    const auto all = static_cast<double>(folds.label.size());
    std::vector<double> p;
    for (std::size_t e = 1; e < entries.size(); ++e) {
      entries[e].test = paired_test(values_of(metric, entries[e]), best, tested / (all - tested));
      p.push_back(entries[e].test.p);
    }
    const auto adjusted = folds.size() > 1 ? holm_adjusted(p) : p;
    for (std::size_t e = 1; e < entries.size(); ++e) entries[e].p = adjusted[e - 1];
  }

  static void report(const Console& console, const Metric& metric, const Folds& folds,
                     const std::vector<Entry>& entries,
                     const std::optional<RankingOptions>& ranking, double seconds) {
    std::vector<std::vector<std::string>> rows = {{"model", "RMSE", "MAE"}};
    if (ranking) {
      rows[0].push_back(fmt::format("P@{}", ranking->k));
      rows[0].push_back(fmt::format("R@{}", ranking->k));
      rows[0].push_back(fmt::format("NDCG@{}", ranking->k));
    }
    rows[0].insert(rows[0].end(), {"difference", "p", "seconds"});
    for (std::size_t e = 0; e < entries.size(); ++e) {
      const Entry& entry = entries[e];
      const auto figure = [&](Metric::Kind kind) {
        return fmt::format("{:.4f}", mean_of({kind, ranking ? ranking->k : 10}, entry));
      };
      auto& row = rows.emplace_back();
      row = {entry.label, figure(Metric::Kind::rmse), figure(Metric::Kind::mae)};
      if (ranking) {
        row.push_back(figure(Metric::Kind::precision));
        row.push_back(figure(Metric::Kind::recall));
        row.push_back(figure(Metric::Kind::ndcg));
      }
      row.push_back(e == 0 ? "" : fmt::format("{:+.4f}", entry.test.difference));
      row.push_back(e == 0 ? "" : p_text(entry.p));
      row.push_back(fmt::format("{:.1f}", entry.seconds));
      console.event(entry_json(metric, entry, e, ranking));
    }
    console.print(
        "means over {} ({}), best {} first:", count_text(std::ssize(folds.held_out), "fold"),
        folds.description, to_string(metric));
    for (const std::string& line : aligned(rows)) console.print("{}", line);
    if (folds.size() > 1) {
      console.print(
          "difference in {} from the best; p of the corrected resampled t-test, adjusted "
          "by Holm's method",
          to_string(metric));
    }
    console.event({{"event", "result"},
                   {"metric", to_string(metric)},
                   {"best", entries.front().label},
                   {"models", entries.size()},
                   {"folds", folds.size()},
                   {"split", folds.description},
                   {"seconds", seconds}});
  }

  static std::string p_text(double p) {
    if (std::isnan(p)) return "-";
    return p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", p);
  }

  static Json entry_json(const Metric& metric, const Entry& entry, std::size_t place,
                         const std::optional<RankingOptions>& ranking) {
    Json json = {{"event", "model"},
                 {"label", entry.label},
                 {"model", to_string(entry.candidate.options.model)},
                 {"rank", place + 1},
                 {"rmse", mean_of({Metric::Kind::rmse}, entry)},
                 {"mae", mean_of({Metric::Kind::mae}, entry)}};
    json["ranking"] = nullptr;
    if (ranking) {
      std::vector<RankingMetrics> lists;
      for (const FoldResult& fold : entry.folds) lists.push_back(*fold.ranking);
      json["ranking"] = ranking_means_json(lists);
    }
    json["metric"] = to_string(metric);
    json["folds"] = values_of(metric, entry);
    json["difference"] = place == 0 ? Json() : Json(entry.test.difference);
    json["standard_error"] = place == 0 ? Json() : Json(entry.test.standard_error);
    json["p"] = place == 0 || std::isnan(entry.p) ? Json() : Json(entry.p);
    json["seconds"] = entry.seconds;
    return json;
  }

  void write_csv(const Metric& metric, const std::vector<Entry>& entries,
                 const std::optional<RankingOptions>& ranking) const {
    std::vector<std::string> header = {"rank", "label", "model", "rmse", "mae"};
    const std::vector<Metric::Kind> lists = {Metric::Kind::precision, Metric::Kind::recall,
                                             Metric::Kind::ndcg};
    const int k = ranking ? ranking->k : 10;
    if (ranking) {
      for (const Metric::Kind kind : lists) header.push_back(to_string(Metric{kind, k}));
    }
    header.insert(header.end(), {"difference", "standard_error", "p", "seconds"});
    for (std::size_t f = 1; f <= entries.front().folds.size(); ++f) {
      header.push_back(fmt::format("fold_{}", f));
    }
    std::string csv = csv_line(header);
    for (std::size_t e = 0; e < entries.size(); ++e) {
      const Entry& entry = entries[e];
      const auto number = [](double value) { return fmt::format("{}", value); };
      const auto tested = [&](double value) {
        return e == 0 || std::isnan(value) ? std::string() : number(value);
      };
      std::vector<std::string> row = {fmt::format("{}", e + 1), entry.label,
                                      std::string(to_string(entry.candidate.options.model)),
                                      number(mean_of({Metric::Kind::rmse}, entry)),
                                      number(mean_of({Metric::Kind::mae}, entry))};
      if (ranking) {
        for (const Metric::Kind kind : lists) row.push_back(number(mean_of({kind, k}, entry)));
      }
      row.insert(row.end(), {tested(entry.test.difference), tested(entry.test.standard_error),
                             tested(entry.p), number(entry.seconds)});
      for (const double value : values_of(metric, entry)) row.push_back(number(value));
      csv += csv_line(row);
    }
    write_file(csv_, csv);
  }

  void write_report(const Console& console, const Backend& backend, const Dataset& data,
                    const Metric& metric, const Folds& folds, const std::vector<Entry>& entries,
                    const std::optional<RankingOptions>& ranking) const {
    Report page(console, fmt::format("Comparing models on {}", data_.name()), backend.name());
    page.add_fact("folds", folds.description);
    page.add_fact("ordered by", to_string(metric));
    if (ranking) {
      page.add_fact("lists", fmt::format("top {}, relevant from {:g}, candidates {}", ranking->k,
                                         ranking->relevance, to_string(ranking->candidates)));
    }
    const auto best = score(values_of(metric, entries.front()));
    page.add_score(fmt::format("{}, {}", entries.front().label, to_string(metric)), best.mean,
                   best.standard_error, "the best, mean over the folds");
    Json models = Json::array();
    std::vector<FoldSeries> series;
    for (std::size_t e = 0; e < entries.size(); ++e) {
      const Json json = entry_json(metric, entries[e], e, ranking);
      models.push_back({{"model", entries[e].label},
                        {"rmse", json["rmse"]},
                        {"mae", json["mae"]},
                        {"lists", json["ranking"]},
                        {"difference", json["difference"]},
                        {"p", json["p"]},
                        {"seconds", json["seconds"]}});
      series.push_back({entries[e].label, values_of(metric, entries[e])});
    }
    Json compared = {{"metric", to_string(metric)}, {"folds", folds.size()}, {"models", models}};
    if (ranking) {
      for (const auto& [name, key] :
           {std::pair("P", "precision"), std::pair("R", "recall"), std::pair("NDCG", "ndcg")}) {
        compared["lists"].push_back(
            {{"title", fmt::format("{}@{}", name, ranking->k)}, {"key", key}});
      }
    }
    page.add_models(std::move(compared));
    page.add_fold_scores(metric, series);
    page.add_errors(fmt::format("the folds, by {}", entries.front().label),
                    pooled(entries.front()));
    page.add_data(data);
    page.write(report_);
  }

  const CLI::App* app_ = nullptr;
  DataOptions data_;
  DeviceOptions device_;
  TrainingOptions training_;
  RankingFlags ranking_;
  FoldOptions folds_;
  std::string models_ = "mean,bias,popular,user-knn,item-knn,mf";
  std::string metric_ = "rmse";
  std::string csv_;
  std::string report_;
  bool overwrite_ = false;
};

}  // namespace

std::unique_ptr<Command> make_compare_command() { return std::make_unique<CompareCommand>(); }

}  // namespace tusk::cli
