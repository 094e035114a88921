#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include <tusk/figures.hpp>
#include <tusk/report.hpp>
#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/data_options.hpp"
#include "cli/device_options.hpp"
#include "cli/fold_options.hpp"
#include "cli/metrics_output.hpp"
#include "cli/progress.hpp"
#include "cli/ranking_options.hpp"
#include "cli/ranking_output.hpp"
#include "cli/report_options.hpp"
#include "cli/training_options.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

struct Spread {
  double mean = 0;
  double std = 0;  // of the sample: over folds - 1; 0 for one fold
};

template <class Value>
Spread spread(const std::vector<FoldResult>& folds, const Value& value) {
  std::vector<double> values;
  for (const FoldResult& fold : folds) {
    if (fold.metrics.all.count > 0) values.push_back(value(fold.metrics.all));
  }
  const auto [mean, standard_error] = score(values);
  return {mean, standard_error * std::sqrt(static_cast<double>(values.size()))};
}

class CvCommand : public Command {
 public:
  std::string name() const override { return "cv"; }
  std::string summary() const override { return "cross-validate: train and test on every fold"; }
  std::string examples() const override {
    return "tusk cv ml-100k --folds official\n"
           "tusk cv ml-latest-small --folds 3 --seed 7\n"
           "tusk cv ratings.csv --model bias";
  }

  void declare(CLI::App& app) override {
    data_.declare(app);
    folds_.declare(app);
    report_.declare(app);
    training_.declare(app);
    ranking_.declare(app);
    device_.declare_training(app);
  }

  void check_given(const GivenOptions& given) override { training_.check_given(given); }

  int run(Console& console) override {
    const auto start = std::chrono::steady_clock::now();
    const TrainOptions options = training_.options();
    const auto ranking = ranking_.options(training_.seed());
    OutputFiles files;
    report_.open(files);
    const FoldsSpec spec = folds_.spec();
    const auto backend = device_.open(console, gpu_work_of_training(options.algorithm()));
    const Dataset data = data_.load(console, device_.threads());
    const Folds folds = make_folds(data, spec, training_.seed());
    ranking_.warn(console, data.scale);

    TrainingProgress progress(console, "fold");
    CurveRecorder curve;
    const auto results =
        cross_validate(*backend, data, folds, options, curve.listen(progress.hooks()), ranking);
    console.end_progress_line();
    if (std::any_of(results.begin(), results.end(), [](auto& r) { return r.still_learning; })) {
      warn_of_cap(console);
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    report(console, results, folds.description, seconds.count());
    if (report_.wanted()) {
      write_report(console, *backend, data, options, folds, results, curve, files);
    }
    files.commit();
    report_.show(console);
    return exit_done;
  }

 private:
  void write_report(const Console& console, const Backend& backend, const Dataset& data,
                    const TrainOptions& options, const Folds& folds,
                    const std::vector<FoldResult>& results, const CurveRecorder& curve,
                    OutputFiles& files) const {
    const std::string& model = options.model();
    Report page(fmt::format("Cross-validation of {} on {}", model, data_.name()), console.command(),
                backend.name());
    page.add_fact("model", model);
    page.add_fact("folds", folds.description);
    RatingMetrics all;
    FoldSeries rmse{model, {}};
    std::vector<double> mae;
    for (const FoldResult& fold : results) {
      all += fold.metrics;
      rmse.values.push_back(fold.metrics.all.rmse());
      mae.push_back(fold.metrics.all.mae());
    }
    const char* of_folds = "mean over the folds, each tested by a model that has not seen it";
    page.add_score("RMSE", score(rmse.values).mean, score(rmse.values).standard_error, of_folds);
    page.add_score("MAE", score(mae).mean, score(mae).standard_error, "the same");
    if (const auto points = curve.curve(); !points.empty()) {
      page.add_curves({{model, 0, points}});
    }
    page.add_fold_scores({}, {rmse});
    page.add_errors("the folds", all);
    page.add_data(data);
    report_.write(files, page);
  }

  static void report(Console& console, const std::vector<FoldResult>& folds,
                     const std::string& division, double seconds) {
    RatingMetrics total;
    const std::vector<RankingMetrics> rankings = rankings_of(folds);
    note_ties(console, rankings);
    const bool epochs = folds.front().epochs > 0;
    console.print("{:<6}{:>10}  {:<6}  {}", "fold", "ratings", "RMSE",
                  epochs ? "MAE     epochs" : "MAE");
    for (std::size_t f = 0; f < folds.size(); ++f) {
      const RatingMetrics& metrics = folds[f].metrics;
      Json json = {{"event", "fold"}, {"fold", f + 1}};
      add_metrics(json, metrics);
      const auto& ranking = folds[f].ranking;
      json["ranking"] = ranking ? ranking_json(*ranking) : Json();
      if (epochs) json["epochs"] = folds[f].epochs;
      console.event(json);
      console.print("{:<6}{:>10}  {:<6}  {:<6}{}", f + 1, metrics.all.count,
                    error_text(metrics.all.rmse()), error_text(metrics.all.mae()),
                    epochs ? fmt::format("  {}", folds[f].epochs) : "");
      total += metrics;
    }
    const Spread rmse = spread(folds, [](const ErrorSums& sums) { return sums.rmse(); });
    const Spread mae = spread(folds, [](const ErrorSums& sums) { return sums.mae(); });
    const Spread mse = spread(folds, [](const ErrorSums& sums) { return sums.mse(); });
    Json json = {{"event", "result"}};
    add_metrics(json, total);
    json["rmse"] = rmse.mean;
    json["rmse_std"] = rmse.std;
    json["mae"] = mae.mean;
    json["mae_std"] = mae.std;
    json["mse"] = mse.mean;
    json["ranking"] = rankings.empty() ? Json() : ranking_means_json(rankings);
    json["folds"] = folds.size();
    json["split"] = division;
    json["seconds"] = seconds;
    console.event(json);
    console.print("{:<6}{:>10}  {:<6}  {}", "mean", "", error_text(rmse.mean),
                  error_text(mae.mean));
    console.print("{:<6}{:>10}  {:<6}  {}", "std", "", error_text(rmse.std, rmse.mean),
                  error_text(mae.std, mae.mean));
    const auto tested = std::count_if(folds.begin(), folds.end(),
                                      [](auto& fold) { return fold.metrics.all.count > 0; });
    print_missing_folds(console, tested, std::ssize(folds), "have no test rating");
    console.print("");
    console.print("all folds together ({}), in {:.1f} s:", division, seconds);
    print_metrics(console, total);
    if (!rankings.empty()) {
      console.print("");
      print_ranking_of_folds(console, rankings);
    }
  }

  DataOptions data_;
  DeviceOptions device_;
  TrainingOptions training_;
  RankingFlags ranking_;
  FoldOptions folds_;
  ReportOptions report_;
};

}  // namespace

std::unique_ptr<Command> make_cv_command() { return std::make_unique<CvCommand>(); }

}  // namespace tusk::cli
