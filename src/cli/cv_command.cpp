#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/device_options.hpp"
#include "cli/evaluation_options.hpp"
#include "cli/input_options.hpp"
#include "cli/progress.hpp"
#include "cli/result_files.hpp"
#include "cli/results_output.hpp"
#include "cli/training_options.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

class CvCommand : public Command {
 public:
  std::string name() const override { return "cv"; }
  std::string summary() const override { return "cross-validate: train and test on every fold"; }
  std::string examples() const override {
    return "tusk cv ml-100k --folds official\n"
           "tusk cv ml-latest-small --folds 3 --seed 7\n"
           "tusk cv ml-100k --model item-knn --seeds 1..5\n"
           "tusk cv ratings.csv --model bias";
  }

  void declare(CLI::App& app) override {
    data_.declare(app);
    folds_.declare(app);
    results_.declare_table(app);
    results_.declare_report(app, "it");
    results_.declare_overwrite(app);
    training_.declare(app);
    seeds_.declare(app);
    ranking_.declare(app);
    device_.declare_training(app);
  }

  void check_given(const GivenOptions& given) override {
    training_.choose_model(data_.implicit());
    training_.check_given(given);
  }

  int run(Console& console) override {
    const TrainOptions options = training_.options();
    training_.note_model(console);
    const FoldsSpec spec = folds_.spec();
    const bool has_errors = spec.kind != FoldsSpec::Kind::users &&
                            predicts_ratings(options.algorithm(), data_.implicit());
    const std::vector<std::uint64_t> seeds = seeds_.seeds(training_);
    const auto ranking = ranking_.options(seeds.front(), has_errors);
    results_.open();
    const auto device = device_.open(console, gpu_work_of_training(options.algorithm()));
    const Dataset data = data_.load(console, device_.threads());
    ranking_.warn(console, data.scale, data_.implicit());

    TrainingProgress progress(console, "fold");
    CurveRecorder curve;
    Comparison by_seed;
    by_seed.ranking = ranking;
    std::vector<FoldResult> results;
    for (const std::uint64_t seed : seeds) {
      ComparedModel& model = by_seed.models.emplace_back();
      model.label = fmt::format("{}", seed);
      model.candidate = {options, ranking_.order().order()};
      model.candidate.options.seed = seed;
      Partition divided = make_folds(data, spec, seed);
      model.measure(*device, data, divided, ranking, curve.listen(progress.observer()));
      results.insert(results.end(), model.folds.begin(), model.folds.end());
      if (by_seed.models.size() == 1) by_seed.folds = std::move(divided);
    }
    console.end_progress_line();
    Partition& folds = by_seed.folds;
    if (seeds_.given()) folds.description = seeds_.description(spec);
    if (std::any_of(results.begin(), results.end(), [](auto& r) { return r.still_learning; })) {
      warn_of_cap(console, options.algorithm());
    }
    double r_hat = 0;
    for (const FoldResult& fold : results) r_hat = std::fmax(r_hat, fold.r_hat);
    warn_of_mixing(console, r_hat);
    report(console, results, by_seed);
    results_.write_table(seeds_.given() ? seed_table(by_seed) : cross_validation_table(results));
    results_.write_report(
        console, *device, data,
        fmt::format("Cross-validation of {} on {}", options.model(), data_.name()),
        [&](Report& page) {
          page.add_cross_validation(options.model(), folds, results, curve.curve());
        });
    results_.commit();
    results_.show(console);
    return exit_done;
  }

 private:
  void report(Console& console, const std::vector<FoldResult>& results,
              const Comparison& by_seed) const {
    const Partition& folds = by_seed.folds;
    RatingMetrics total;
    const std::vector<RankingMetrics> rankings = rankings_of(results);
    note_ties(console, rankings);
    for (std::size_t f = 0; f < results.size(); ++f) {
      console.event(fold_json(results[f], f));
      total += results[f].metrics;
    }
    Json json = cross_validation_json(results, folds);
    if (seeds_.given()) json["seeds"] = seeds_json(by_seed);
    json["seconds"] = console.seconds();
    console.event(json);
    if (total.has_errors) {
      print_errors(console, results);
      console.print("");
    }
    console.print("all folds together ({}), in {:.1f} s:", folds.description, console.seconds());
    print_metrics(console, total);
    if (!rankings.empty()) {
      if (total.has_errors) console.print("");
      print_ranking_of_folds(console, rankings);
    }
    if (!seeds_.given()) return;
    console.print("");
    console.print("by seed, means over its folds:");
    print_table(console, seed_table(by_seed));
  }

  static void print_errors(const Console& console, const std::vector<FoldResult>& results) {
    const bool epochs = results.front().epochs > 0;
    const bool calibrated = has_calibration(results);
    const auto columns = [&](const auto& text) {
      std::string all;
      for (const CalibrationFigure& figure : kCalibrationFigures) {
        if (calibrated) all += fmt::format("  {:>9}", text(figure));
      }
      return all;
    };
    console.print("{:<6}{:>10}  {:<6}  {}{}", "fold", "ratings", "RMSE",
                  epochs       ? "MAE     epochs"
                  : calibrated ? "MAE   "
                               : "MAE",
                  columns([](const auto& figure) { return std::string(figure.heading); }));
    for (std::size_t f = 0; f < results.size(); ++f) {
      const ErrorSums& errors = results[f].metrics.all;
      console.print("{:<6}{:>10}  {:<6}  {:<6}{}{}", f + 1, errors.count, error_text(errors.rmse()),
                    error_text(errors.mae()),
                    epochs ? fmt::format("  {:<6}", results[f].epochs) : "",
                    columns([&](const CalibrationFigure& figure) {
                      const Calibration& own = results[f].metrics.calibration;
                      return calibration_text(figure, (own.*figure.value)());
                    }));
    }
    const Spread rmse = spread(results, &ErrorSums::rmse);
    const Spread mae = spread(results, &ErrorSums::mae);
    console.print("{:<6}{:>10}  {:<6}  {}{}", "mean", "", error_text(rmse.mean),
                  error_text(mae.mean), columns([&](const CalibrationFigure& figure) {
                    return (epochs ? "        " : "") +
                           calibration_text(figure, mean_calibration(results, figure));
                  }));
    console.print("{:<6}{:>10}  {:<6}  {}", "std", "", error_text(rmse.deviation, rmse.mean),
                  error_text(mae.deviation, mae.mean));
    const auto tested = std::count_if(results.begin(), results.end(),
                                      [](auto& fold) { return fold.metrics.all.count > 0; });
    print_missing_folds(console, tested, std::ssize(results), "have no test rating");
  }

  DataOptions data_;
  DeviceOptions device_;
  TrainingOptions training_;
  SeedsFlag seeds_;
  RankingFlags ranking_;
  FoldOptions folds_;
  ResultFiles results_;
};

}  // namespace

std::unique_ptr<Command> make_cv_command() { return std::make_unique<CvCommand>(); }

}  // namespace tusk::cli
