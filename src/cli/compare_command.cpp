#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/device_options.hpp"
#include "cli/evaluation_options.hpp"
#include "cli/input_options.hpp"
#include "cli/program.hpp"
#include "cli/progress.hpp"
#include "cli/result_files.hpp"
#include "cli/results_output.hpp"
#include "cli/settings.hpp"
#include "cli/training_options.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

// A table, or an event for each model.
void report_models(const Console& console, const Comparison& comparison) {
  const auto& [metric, folds, ranking, models] = comparison;
  for (std::size_t m = 0; m < models.size(); ++m) console.event(model_json(comparison, m));
  console.print(
      "means over {} ({}), best {} first:", count_text(std::ssize(models.front().folds), "fold"),
      folds.description, to_string(metric));
  print_table(console, model_table(comparison));
  if (ranking) {
    const auto lists = rankings_of(models.front().folds);
    print_missing_folds(console, folds_with_lists(lists), std::ssize(lists), kLackLists);
  }
  if (models.size() < 2) return;
  if (models.front().folds.size() > 1) {
    console.print(
        "difference in {} from the best; p of the corrected resampled t-test, adjusted by Holm's "
        "method",
        to_string(metric));
  }
  if (metric.of_lists()) {
    console.print(
        "over users: the bootstrap interval of the difference over {}, and p of the paired t-test, "
        "adjusted too",
        count_text(models.back().user_test->users, "user"));
  }
}

constexpr const char* kModelsOfRatings = "mean,bias,popular,user-knn,item-knn,mf";
constexpr const char* kModelsOfChoices = "popular,ease,ials";

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
                   "they have, and .toml files that say what --config of train would be told: the "
                   "model, its parameters and, for its training alone, a seed; what else train "
                   "takes, such as split, out and threads, has no effect there (default: " +
                       std::string(kModelsOfRatings) + "; with --implicit " + kModelsOfChoices +
                       ")");
    folds_.declare(app);
    app.add_option("--metric", metric_, metric_help("models are ordered and tested"));
    {
      const Heading heading(app, "Results");
      results_.declare(app, "--csv", "write the table to this file");
      results_.declare_cells(app, "--csv");
      results_.declare_table(app);
      results_.declare_report(app, "it");
      results_.declare_overwrite(app);
    }
    training_.declare(app, TrainingOptions::For::comparison);
    seeds_.declare(app);
    ranking_.declare(app);
    device_.declare_training(app);
  }

  // An option must be one of some model that is compared.
  void check_given(const GivenOptions& given) override {
    results_.check_given(given);
    if (models_.empty()) models_ = data_.implicit() ? kModelsOfChoices : kModelsOfRatings;
    std::vector<const AlgorithmInfo*> models;
    for (const auto entry : split_text(models_, ",")) {
      if (!is_file(entry)) models.push_back(&find_algorithm(trimmed(entry)));
    }
    const AlgorithmInfo none;  // has no parameters
    for (const CLI::Option* option : given) {
      const bool concerns = std::any_of(models.begin(), models.end(), [&](const auto* model) {
        return training_.concerns(option, *model);
      });
      if (concerns || (models.empty() && training_.concerns(option, none))) continue;
      throw UsageError(option_name(option->get_lnames().front()) +
                       " is an option of none of the models that are compared");
    }
  }

  int run(Console& console) override {
    Comparison comparison;
    const FoldsSpec spec = folds_.spec();
    comparison.models = read_models();
    std::vector<const AlgorithmInfo*> compared;
    for (const ComparedModel& model : comparison.models) {
      compared.push_back(&model.candidate.options.algorithm());
    }
    const Metric& metric = comparison.metric =
        ranking_.metric(metric_, compared, folds_.judges_lists_alone() || data_.implicit());
    const std::vector<std::uint64_t> seeds = seeds_.seeds(training_);
    comparison.ranking = ranking_.options(seeds.front(), metric);
    results_.open();
    const auto device = device_.open(console, GpuWork::much);
    const Dataset data = data_.load(console, device_.threads());
    std::vector<Partition> divisions;
    for (const std::uint64_t seed : seeds) divisions.push_back(make_folds(data, spec, seed));
    ranking_.warn(console, data.scale, data_.implicit());

    for (ComparedModel& model : comparison.models) {
      console.note(fmt::format("{}:", model.label));
      for (std::size_t s = 0; s < seeds.size(); ++s) {
        if (seeds_.given()) model.candidate.options.seed = seeds[s];
        measure(console, *device, data, divisions[s], comparison.ranking, model);
      }
      note_ties(console, rankings_of(model.folds));
    }
    comparison.folds = std::move(divisions.front());
    if (seeds_.given()) comparison.folds.description = seeds_.description(spec);
    comparison.order_and_test();
    report_models(console, comparison);
    console.event({{"event", "result"},
                   {"metric", to_string(metric)},
                   {"best", comparison.models.front().label},
                   {"models", comparison.models.size()},
                   {"folds", comparison.models.front().folds.size()},
                   {"split", comparison.folds.description},
                   {"seconds", console.seconds()}});
    if (results_.wanted("--csv")) {
      results_.file("--csv").write(comparison_csv(comparison, results_.cells()));
    }
    if (results_.wanted("--table")) {
      results_.write_table(model_table(comparison), best_cells(comparison));
    }
    results_.write_report(console, *device, data,
                          fmt::format("Comparing models on {}", data_.name()),
                          [&](Report& page) { page.add_comparison(comparison); });
    results_.commit();
    results_.show(console);
    return exit_done;
  }

 private:
  static void measure(Console& console, Device& device, const Dataset& data, const Partition& folds,
                      const std::optional<RankingOptions>& ranking, ComparedModel& model) {
    TrainingProgress progress(console, "fold");
    Observer observer = progress.observer();
    // Epochs of all models would drown their figures.
    if (console.json()) observer.on_epoch = nullptr;
    model.measure(device, data, folds, ranking, observer);
    console.end_progress_line();
  }

  static bool is_file(std::string_view entry) {
    return trimmed(entry).ends_with(".toml") || entry.find('/') != std::string_view::npos;
  }

  // What a file says that --config of train takes.
  Candidate read_candidate(const std::string& file) const {
    auto settings = config_settings(file, "train", command_options());
    const auto take = [&](const char* name) {
      const auto node = settings.extract(name);
      return node.empty() ? std::string() : node.mapped().back();
    };
    const std::string model = take("model");
    Candidate candidate{model.empty() ? TrainOptions() : TrainOptions(model), {}};
    const std::string seed = take("seed");
    candidate.options.seed = training_.seed();
    if (!seed.empty()) candidate.options.seed = parse_seed(seed);
    for (const auto& [name, values] : settings) {
      if (set_order(candidate.order, name, values.back())) continue;
      check_shared(file, name, values);
      set_known(candidate.options, {{name, values.back()}});
    }
    return candidate;
  }

  // What holds for all models, as the folds do, must not be different in the file of one of them.
  // Throws UsageError.
  void check_shared(const std::string& file, const std::string& name,
                    const std::vector<std::string>& values) const {
    const CLI::Option* const option = app_->get_option_no_throw("--" + name);
    if (option == nullptr) return;
    const std::string group = option->get_group();
    if (name != "folds" && name != "metric" && group != DataOptions::kGroup &&
        group != RankingFlags::kGroup) {
      return;
    }
    const std::vector<std::string> own =
        option->count() > 0 ? option->results() : std::vector{option->get_default_str()};
    if (own == values) return;
    throw UsageError(
        fmt::format("{} has {} = {}, which holds for all models that are compared: remove it there "
                    "and give --{}",
                    file, name, short_text(values.back()), name));
  }

  std::vector<ComparedModel> read_models() const {
    std::vector<ComparedModel> models;
    for (const auto part : split_text(models_, ",")) {
      const std::string text(trimmed(part));
      if (text.empty()) throw UsageError("--models: a model is missing");
      ComparedModel& model = models.emplace_back();
      if (is_file(text)) {
        model.label = std::filesystem::path(text).stem().string();
        model.candidate = read_candidate(text);
      } else {
        model.candidate = {training_.options_of(text), ranking_.order().order()};
        model.label = model.candidate.options.model();
      }
      model.candidate.options.check();
      check_list_order(model.candidate.order, model.candidate.options.algorithm());
    }
    for (std::size_t m = 0; m < models.size(); ++m) {
      for (std::size_t other = 0; other < m; ++other) {
        if (models[m].label == models[other].label) {
          throw UsageError(fmt::format("--models names {} twice", models[m].label));
        }
      }
    }
    return models;
  }

  const CLI::App* app_ = nullptr;
  DataOptions data_;
  DeviceOptions device_;
  TrainingOptions training_;
  SeedsFlag seeds_;
  RankingFlags ranking_;
  FoldOptions folds_;
  std::string models_;
  std::string metric_;
  ResultFiles results_;
};

}  // namespace

std::unique_ptr<Command> make_compare_command() { return std::make_unique<CompareCommand>(); }

}  // namespace tusk::cli
