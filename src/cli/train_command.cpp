#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include <tusk/figures.hpp>
#include <tusk/report.hpp>
#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/data_options.hpp"
#include "cli/device_options.hpp"
#include "cli/interrupts.hpp"
#include "cli/metrics_output.hpp"
#include "cli/model_output.hpp"
#include "cli/output_file.hpp"
#include "cli/progress.hpp"
#include "cli/ranking_options.hpp"
#include "cli/ranking_output.hpp"
#include "cli/report_options.hpp"
#include "cli/training_options.hpp"
#include "model/write_model.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

class TrainCommand : public Command {
 public:
  std::string name() const override { return "train"; }
  std::string summary() const override { return "train a model on ratings and save it"; }
  std::string examples() const override {
    return "tusk train ml-100k --out model.safetensors\n"
           "tusk train ml-100k --split random:0.1 --out model.safetensors\n"
           "tusk train ratings.csv --factors 64 --epochs 20 --learning-rate 0.01 --out "
           "m.safetensors\n"
           "tusk train ml-100k --model bias --split time:0.2";
  }

  void declare(CLI::App& app) override {
    data_.declare(app);
    app.add_option("--out", out_, "write the model to this file (.safetensors)");
    app.add_option("--split", split_,
                   "hold a test part out of training and measure on it: none, random:F, time:F, "
                   "last:N, kfold:K[:I], official[:I]")
        ->capture_default_str();
    training_.declare(app);
    ranking_.declare(app);
    device_.declare_training(app);
    report_.declare(app);
    app.add_flag("--dry-run", dry_run_,
                 "read the data and show what memory training would take, and train nothing");
  }

  void check_given(const GivenOptions& given) override { training_.check_given(given); }

  int run(Console& console) override {
    const auto start = std::chrono::steady_clock::now();
    const TrainOptions options = training_.options();
    const auto ranking_options = ranking_.options(training_.seed());
    if (ranking_options) check_list_order(ranking_options->order, options.algorithm());
    const SplitSpec split_spec = parse_split(split_);
    OutputFiles files;
    files.add_model(out_, report_.overwrite());
    report_.open(files);
    const auto backend = device_.open(console, gpu_work_of_training(options.algorithm()));
    const Dataset data = data_.load(console, device_.threads());
    const Split split = make_split(data, split_spec, training_.seed());
    if (dry_run_) {
      const LabelSet train_part = split.train();
      report_memory(console, backend->name(),
                    plan_fit(*backend, data, split.label, {&train_part, 1}, options));
      return exit_done;
    }

    const bool keeps_results = !out_.empty() || report_.wanted();
    TrainingProgress progress(console);
    CurveRecorder curve;
    TrainHooks hooks = curve.listen(progress.hooks());
    hooks.on_epoch = [keeps_results, show = hooks.on_epoch](std::span<const EpochReport> reports) {
      if (keeps_results) keep_results_when_interrupted();
      show(reports);
    };
    const LabelSet part = split.train();
    FitResult fitted =
        std::move(fit(*backend, data, split.label, {&part, 1}, options, hooks).front());
    console.end_progress_line();
    const FitSummary summary = fitted;
    if (summary.interrupted && !keeps_results) throw Interrupted();
    if (summary.interrupted && summary.epochs == 0) {
      console.warn("interrupted before the first epoch had ended; nothing is saved");
      return exit_interrupted;
    }
    if (keeps_results) keep_results_when_interrupted();
    if (summary.interrupted) {
      console.warn("interrupted; the model is what training had reached, and is not measured");
    } else if (summary.still_learning) {
      warn_of_cap(console);
    }
    Model model = make_model(data, split, std::move(fitted));
    RatingMetrics metrics;
    std::optional<RankingMetrics> ranking;
    bool stopped = summary.interrupted;
    try {
      if (stopped) throw Interrupted();
      const RatingList test = select_ratings(data, split.label, split.test);
      metrics = evaluate(*backend, model, test);
      if (metrics.all.count > 0 && ranking_options) {
        ranking_.warn(console, data.scale);
        ranking = judge_ranking(console, *backend, model, test, *ranking_options);
      }
    } catch (const Interrupted&) {
      if (!keeps_results) throw;
      console.end_progress_line();
      if (!stopped) console.warn("interrupted; the model is not measured");
      stopped = true;
      metrics = {};
    }
    if (metrics.all.count > 0) {
      model.metadata["test_rmse"] = fmt::format("{}", metrics.all.rmse());
      model.metadata["test_mae"] = fmt::format("{}", metrics.all.mae());
      model.metadata["test_ratings"] = fmt::format("{}", metrics.all.count);
    }
    if (ranking) store_ranking(model.metadata, *ranking);
    if (!out_.empty()) write_model(model, files.file("--out"));
    if (report_.wanted()) {
      write_report(console, *backend, data, model, summary, metrics, curve, files);
    }
    files.commit();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    report(console, model, summary, metrics, ranking, stopped, seconds.count());
    report_.show(console);
    return stopped ? exit_interrupted : exit_done;
  }

 private:
  static void report_memory(Console& console, std::string_view device, const MfMemory& memory) {
    Json json = {{"event", "plan"},
                 {"device", device},
                 {"bytes", memory.total()},
                 {"parameter_bytes", memory.parameters},
                 {"rating_bytes", memory.ratings},
                 {"validation_bytes", memory.validation},
                 {"working_bytes", memory.working},
                 {"chunks", memory.chunks}};
    json["available_bytes"] = memory.available;
    console.event(json);
    console.print(
        "training on {} would take {}: {} for parameters, {} for ratings, {} for validation{}",
        device, size_text(memory.total()), size_text(memory.parameters), size_text(memory.ratings),
        size_text(memory.validation),
        memory.working == 0 ? ""
                            : fmt::format(", {} of working memory", size_text(memory.working)));
    console.print("{} are available", size_text(memory.available));
    if (memory.chunks > 1) {
      console.print("in each epoch the ratings would pass through the GPU in {} parts",
                    memory.chunks);
    }
  }

  void report(Console& console, const Model& model, const FitSummary& fit,
              const RatingMetrics& metrics, const std::optional<RankingMetrics>& ranking,
              bool stopped, double seconds) const {
    const std::string& split = model.metadata.at("split");
    Json json = {{"event", "result"}, {"model", model.algorithm().name}};
    add_metrics(json, metrics);
    json["ranking"] = ranking ? ranking_json(*ranking) : Json();
    json["split"] = split;
    json["training_ratings"] = fit.ratings;
    json["interrupted"] = stopped;
    if (training_.model().capabilities.has_epochs) {
      json["epochs"] = fit.epochs;
      json["validation_rmse"] = fit.validation_rmse ? Json(*fit.validation_rmse) : Json();
    }
    json["seconds"] = seconds;
    json["out"] = out_.empty() ? Json() : Json(out_);
    console.event(json);

    std::string text =
        fmt::format("{} trained on {}", model.algorithm().name, count_text(fit.ratings, "rating"));
    if (fit.epochs > 0) text += fmt::format(" for {}", count_text(fit.epochs, "epoch"));
    if (model.state().factors > 0) {
      text += fmt::format(", {}", count_text(model.state().factors, "factor"));
    }
    console.print("{}, in {:.1f} s", text, seconds);
    if (const auto held = std::ssize(model.seen().item) - fit.ratings; held > 0) {
      console.print("{} of the training part chose the epochs and were not trained on", held);
    }
    if (metrics.all.count > 0) {
      console.print("test part, {}:", split);
      print_metrics(console, metrics);
    }
    if (fit.validation_rmse) {
      console.print("RMSE on the inner hold-out that chose the epochs: {}",
                    error_text(*fit.validation_rmse));
    }
    if (ranking) print_ranking(console, *ranking);
    if (out_.empty()) {
      console.note("the model is not saved: there is no --out");
    } else {
      console.print("saved {} ({})", out_, size_text(std::filesystem::file_size(out_)));
    }
  }

  void write_report(const Console& console, const Backend& backend, const Dataset& data,
                    const Model& model, const FitSummary& fit, const RatingMetrics& metrics,
                    const CurveRecorder& curve, OutputFiles& files) const {
    const std::string& kind = model.algorithm().name;
    Report page(fmt::format("Training {} on {}", kind, data_.name()), console.command(),
                backend.name());
    page.add_fact("model", kind);
    page.add_fact("split", model.metadata.at("split"));
    page.add_fact("trained on", count_text(fit.ratings, "rating"));
    if (fit.epochs > 0) page.add_fact("epochs", fmt::format("{}", fit.epochs));
    if (metrics.all.count > 0) {
      page.add_score("RMSE on the test part", metrics.all.rmse(), 0,
                     "of ratings that had no part in training");
      page.add_score("MAE on the test part", metrics.all.mae(), 0, "the same");
      page.add_errors("the test part", metrics);
    }
    if (fit.validation_rmse) {
      page.add_score("RMSE on the inner hold-out", *fit.validation_rmse, 0,
                     "of a part of the training ratings; it chose the epochs");
    }
    if (const auto points = curve.curve(); !points.empty()) {
      page.add_curves({{kind, fit.validation_rmse ? fit.epochs : 0, points}});
    }
    page.add_data(data);
    report_.write(files, page);
  }

  DataOptions data_;
  DeviceOptions device_;
  TrainingOptions training_;
  RankingFlags ranking_;
  std::string split_ = "none";
  std::string out_;
  ReportOptions report_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> make_train_command() { return std::make_unique<TrainCommand>(); }

}  // namespace tusk::cli
