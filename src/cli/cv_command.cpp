#include <algorithm>

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
           "tusk cv ratings.csv --model bias";
  }

  void declare(CLI::App& app) override {
    data_.declare(app);
    folds_.declare(app);
    results_.declare_table(app);
    results_.declare_report(app, "it");
    results_.declare_overwrite(app);
    training_.declare(app);
    ranking_.declare(app);
    device_.declare_training(app);
  }

  void check_given(const GivenOptions& given) override { training_.check_given(given); }

  int run(Console& console) override {
    const TrainOptions options = training_.options();
    const auto ranking = ranking_.options(training_.seed());
    results_.open();
    const FoldsSpec spec = folds_.spec();
    const auto device = device_.open(console, gpu_work_of_training(options.algorithm()));
    const Dataset data = data_.load(console, device_.threads());
    const Partition folds = make_folds(data, spec, training_.seed());
    ranking_.warn(console, data.scale);

    TrainingProgress progress(console, "fold");
    CurveRecorder curve;
    const auto results =
        cross_validate(*device, data, folds, options, curve.listen(progress.observer()), ranking);
    console.end_progress_line();
    if (std::any_of(results.begin(), results.end(), [](auto& r) { return r.still_learning; })) {
      warn_of_cap(console);
    }
    report(console, results, folds);
    results_.write_table(cross_validation_table(results));
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
  static void report(Console& console, const std::vector<FoldResult>& results,
                     const Partition& folds) {
    RatingMetrics total;
    const std::vector<RankingMetrics> rankings = rankings_of(results);
    note_ties(console, rankings);
    const bool epochs = results.front().epochs > 0;
    console.print("{:<6}{:>10}  {:<6}  {}", "fold", "ratings", "RMSE",
                  epochs ? "MAE     epochs" : "MAE");
    for (std::size_t f = 0; f < results.size(); ++f) {
      const RatingMetrics& metrics = results[f].metrics;
      console.event(fold_json(results[f], f));
      console.print("{:<6}{:>10}  {:<6}  {:<6}{}", f + 1, metrics.all.count,
                    error_text(metrics.all.rmse()), error_text(metrics.all.mae()),
                    epochs ? fmt::format("  {}", results[f].epochs) : "");
      total += metrics;
    }
    Json json = cross_validation_json(results, folds);
    json["seconds"] = console.seconds();
    console.event(json);
    const Spread rmse = spread(results, &ErrorSums::rmse);
    const Spread mae = spread(results, &ErrorSums::mae);
    console.print("{:<6}{:>10}  {:<6}  {}", "mean", "", error_text(rmse.mean),
                  error_text(mae.mean));
    console.print("{:<6}{:>10}  {:<6}  {}", "std", "", error_text(rmse.deviation, rmse.mean),
                  error_text(mae.deviation, mae.mean));
    const auto tested = std::count_if(results.begin(), results.end(),
                                      [](auto& fold) { return fold.metrics.all.count > 0; });
    print_missing_folds(console, tested, std::ssize(results), "have no test rating");
    console.print("");
    console.print("all folds together ({}), in {:.1f} s:", folds.description, console.seconds());
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
  ResultFiles results_;
};

}  // namespace

std::unique_ptr<Command> make_cv_command() { return std::make_unique<CvCommand>(); }

}  // namespace tusk::cli
