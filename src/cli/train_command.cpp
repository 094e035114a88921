#include <csignal>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/device_options.hpp"
#include "cli/evaluation_options.hpp"
#include "cli/input_options.hpp"
#include "cli/interrupts.hpp"
#include "cli/progress.hpp"
#include "cli/result_files.hpp"
#include "cli/results_output.hpp"
#include "cli/training_options.hpp"
#include "cli/validators.hpp"
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
    results_.declare(app, "--out", "write the model to this file (.safetensors)",
                     ResultFiles::Kind::model);
    app.add_option("--split", split_,
                   "hold a test part out of training and measure on it: none, random:F, time:F, "
                   "last:N, kfold:K[:I], official[:I], users:N");
    fold_in_.declare(app, "--split");
    training_.declare(app);
    ranking_.declare(app);
    device_.declare_training(app);
    results_.declare_report(app, "it");
    results_.declare_overwrite(app);
    app.add_flag("--dry-run", dry_run_,
                 "with --model mf, ease, ials, pure-svd, neural or bayes: read the data, show what "
                 "memory training would take, and train nothing");
    const Heading heading(app, "Checkpoints");
    app.add_option("--checkpoint", checkpoint_,
                   "with --model mf or bayes: a file that training is kept in, and goes on from if "
                   "it is there; the "
                   "model is then what it would have been without a stop, to the byte");
    {
      const Heading processes(app, "Several processes");
      app.add_option("--distributed", distributed_,
                     "with --model mf: none, or mpi where `mpirun -n N tusk train ...` has started "
                     "this. Each process reads and keeps a part of the ratings; the model is that "
                     "of one process, to the byte. With --device cuda each has a GPU of its own, "
                     "and models differ by a little noise")
          ->transform(one_of({"none", "mpi"}));
    }
    every_option_ =
        app.add_option("--every", every_, "how many epochs or sweeps are between two checkpoints")
            ->check(whole_number(1));
  }

  void check_given(const GivenOptions& given) override {
    training_.choose_model(data_.implicit());
    training_.check_given(given);
    given_ = given;
    if (given.contains(every_option_) && checkpoint_.empty()) {
      throw UsageError("--every has no effect without --checkpoint");
    }
    check_whole();
  }

  int run(Console& console) override {
    const TrainOptions options = training_.options();
    std::shared_ptr<Communicator> processes;
    if (distributed_ == "mpi") {
      processes = open_mpi();
      Console::speak_as(processes->rank(), processes->size());
      if (processes->rank() > 0) std::signal(SIGTERM, SIG_DFL);  // how mpirun ends the others
      check_distributed(options);
    }
    training_.note_model(console);
    SplitSpec split_spec = parse_split(split_);
    const bool by_users = split_spec.kind == SplitSpec::Kind::users;
    fold_in_.set(split_spec.fraction, by_users);
    const bool has_errors = !by_users && predicts_ratings(options.algorithm(), data_.implicit());
    const bool measured = split_spec.kind != SplitSpec::Kind::none;
    const auto ranking_options = ranking_.options(training_.seed(), has_errors || !measured);
    const ListOrder order = ranking_.order().order();
    check_list_order(order, options.algorithm());
    const bool is_first = processes == nullptr || processes->rank() == 0;
    if (is_first) results_.open();
    const GpuWork work = processes ? GpuWork::little : gpu_work_of_training(options.algorithm());
    const auto device = device_.open(console, work, processes.get());
    const Dataset data = data_.load(console, device_.threads(), false, processes);
    const Partition split = make_split(data, split_spec, training_.seed());
    if (dry_run_) {
      const LabelSet train_part = split.train();
      report_memory(console, device->name(),
                    plan_fit(*device, data, split.label, {&train_part, 1}, options));
      return exit_done;
    }

    const bool keeps_results = results_.wanted("--out") || results_.wanted("--report");
    TrainingProgress progress(console);
    CurveRecorder curve;
    Observer observer = curve.listen(progress.observer());
    observer.on_epoch = [keeps_results,
                         show = observer.on_epoch](std::span<const EpochReport> reports) {
      if (keeps_results) keep_results_when_interrupted();
      show(reports);
    };
    const LabelSet part = split.train();
    FitExtras extras;
    if (has_errors) extras.watched = split.test;
    if (!checkpoint_.empty()) extras.checkpoint = {checkpoint_, every_};
    FitResult fitted =
        std::move(fit(*device, data, split.label, {&part, 1}, options, observer, extras).front());
    console.end_progress_line();
    const FitSummary summary = fitted;
    if (summary.interrupted && !keeps_results) throw Interrupted();
    if (summary.interrupted && summary.epochs == 0) {
      console.warn(fmt::format("interrupted before the first {} had ended; nothing is saved",
                               options.algorithm().capabilities.step));
      return exit_interrupted;
    }
    if (keeps_results) keep_results_when_interrupted();
    if (summary.interrupted) {
      console.warn("interrupted; the model is what training had reached, and is not measured");
    } else if (summary.still_learning) {
      warn_of_cap(console, options.algorithm());
    } else {
      warn_of_mixing(console, largest_r_hat(summary));
    }
    std::optional<Model> made;
    if (processes) {
      made = make_shared_model(data, split, std::move(fitted));
      if (!made) return exit_done;  // the first says how it went
    } else {
      made = make_model(data, split, std::move(fitted), device_.threads());
    }
    Model& model = *made;
    training_.warn_of_idle(console, given_, model);
    RatingMetrics metrics;
    metrics.has_errors = has_errors;
    std::optional<RankingMetrics> ranking;
    bool stopped = summary.interrupted;
    try {
      if (stopped) throw Interrupted();
      const HeldOutPart test{split.label, split.test, split.fold_in};
      if (measured) note_use_of_times(console, model, true);
      if (measured) metrics = evaluate_part(*device, model, data, test);
      if (measured && ranking_options) {
        ranking_.warn(console, data.scale, data_.implicit());
        ranking = judge_ranking(console, [&](const Observer& during) {
          return evaluate_ranking_of_part(*device, model, data, test, *ranking_options, during);
        });
      }
    } catch (const Interrupted&) {
      if (!keeps_results) throw;
      console.end_progress_line();
      if (!stopped) console.warn("interrupted; the model is not measured");
      stopped = true;
      metrics = {};
      metrics.has_errors = has_errors;
    }
    store_test(model.metadata, metrics, ranking);
    store_order(model.metadata, order);
    if (results_.wanted("--out")) write_model(model, results_.file("--out"));
    results_.write_report(console, *device, data,
                          fmt::format("Training {} on {}", model.algorithm().name, data_.name()),
                          [&](Report& page) {
                            page.add_training(model, summary, metrics, ranking, curve.curve());
                            if (stopped) return;
                            try {
                              page.add_model(*device, model, data, order);
                            } catch (const Interrupted&) {
                              stopped = true;
                            }
                          });
    results_.commit();
    report(console, model, summary, metrics, ranking, stopped);
    results_.show(console);
    return stopped ? exit_interrupted : exit_done;
  }

 private:
  // What is asked of the whole of the ratings, which no process has.
  void check_whole() const {
    if (distributed_ == "none") return;
    if (parse_split(split_).kind != SplitSpec::Kind::none) {
      throw UsageError(
          "--distributed trains on all ratings: divide them before, with `tusk data split`, and "
          "measure the model with `tusk evaluate`");
    }
    if (results_.wanted("--report")) throw UsageError("--distributed has no --report");
    if (dry_run_) throw UsageError("--distributed has no --dry-run");
  }

  static void report_memory(Console& console, std::string_view device, const MfMemory& memory) {
    console.event(memory_json(memory, device));
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
              bool stopped) const {
    const std::string& split = model.metadata.at("split");
    Json json = training_json(model, fit, metrics, ranking);
    json["interrupted"] = stopped;
    json["seconds"] = console.seconds();
    json["out"] = results_.wanted("--out") ? Json(results_.path("--out")) : Json();
    console.event(json);

    std::string text =
        fmt::format("{} trained on {}", model.algorithm().name, count_text(fit.ratings, "rating"));
    if (fit.epochs > 0) {
      text += fmt::format(" for {}", count_text(fit.epochs, model.algorithm().capabilities.step));
    }
    if (model.state().factors > 0) {
      text += fmt::format(", {}", count_text(model.state().factors, "factor"));
    }
    console.print("{}, in {:.1f} s", text, console.seconds());
    if (const auto held = std::ssize(model.seen().item) - fit.ratings; held > 0) {
      console.print("{} of the training part chose the {}s and were not trained on", held,
                    model.algorithm().capabilities.step);
    }
    if (metrics.all.count > 0 || ranking) console.print("test part, {}:", split);
    if (metrics.all.count > 0) print_metrics(console, metrics);
    if (fit.validation_rmse && predicts_ratings(model)) {
      console.print("RMSE on the inner hold-out that chose the {}s: {}",
                    model.algorithm().capabilities.step, error_text(*fit.validation_rmse));
    }
    if (!fit.r_hat.empty()) {
      std::string values;
      for (const auto& [of, value] : fit.r_hat) {
        values += fmt::format("{}{} {:.3f}", values.empty() ? "" : ", ", of, value);
      }
      console.print("split R-hat: {}", values);
    }
    if (ranking) print_ranking(console, *ranking);
    if (!results_.wanted("--out")) console.note("the model is not saved: there is no --out");
  }

  DataOptions data_;
  DeviceOptions device_;
  TrainingOptions training_;
  RankingFlags ranking_;
  FoldInFlag fold_in_;
  std::string split_ = "none";
  ResultFiles results_;
  bool dry_run_ = false;
  std::string checkpoint_;
  std::string distributed_ = "none";
  int every_ = CheckpointFile().every;
  const CLI::Option* every_option_ = nullptr;
  GivenOptions given_;
};

}  // namespace

std::unique_ptr<Command> make_train_command() { return std::make_unique<TrainCommand>(); }

}  // namespace tusk::cli
