#include <algorithm>
#include <optional>
#include <utility>

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

class TuneCommand : public Command {
 public:
  std::string name() const override { return "tune"; }
  std::string summary() const override { return "search for the settings with the best scores"; }
  std::string examples() const override {
    return "tusk tune ml-100k --out best.safetensors\n"
           "tusk tune ml-100k --grid factors=20,50,100 --grid learning-rate=0.005,0.01 --folds 3\n"
           "tusk tune ml-100k --random 100 learning-rate=0.002..0.02:log factors=50,100,200\n"
           "tusk tune ml-100k --model item-knn --random 50 --metric ndcg@10\n"
           "tusk tune ml-25m --random 1000 --budget 3600 --state search.jsonl --test 0.1";
  }

  void declare(CLI::App& app) override {
    app_ = &app;
    data_.declare(app);
    declare_search(app);
    declare_results(app);
    training_.declare(app, TrainingOptions::For::search);
    ranking_.declare(app);
    device_.declare_training(app);
  }

  void check_given(const GivenOptions& given) override {
    results_.check_given(given);
    training_.choose_model(data_.implicit());
    training_.check_given(given);
    read_space();
    for (const std::string& name : spec_.space.parameters()) {
      if (given.contains(app_->get_option_no_throw("--" + name))) {
        throw UsageError(option_name(name) + " is both given and searched");
      }
    }
  }

  int run(Console& console) override {
    training_.note_model(console);
    const CandidateParser parser = this->parser();
    const AlgorithmInfo* const searched = &parser.model();
    const Metric metric =
        ranking_.metric(metric_, {&searched, 1}, folds_.judges_lists_alone() || data_.implicit());
    const auto ranking = ranking_.options(training_.seed(), metric);
    const std::string& model = parser.model().name;
    // What makes no sense is better known before the data is read.
    folds_.spec();
    open_results();
    if (spec_.space.empty()) {
      parser.parse({});
    } else {
      const auto trials = std::ssize(parser.plan(spec_, training_.seed()).settings);
      if (!spec_.grid && std::cmp_less(trials, spec_.trials)) {
        console.note(fmt::format("there are no more than {}", count_text(trials, "setting")));
      }
    }

    const auto device = device_.open(console, gpu_work_of_training(parser.model()));
    const Dataset data = data_.load(console, device_.threads());
    std::vector<Partition> parts = folds_.divide(data, training_.seed());
    if (ranking) ranking_.warn(console, data.scale, data_.implicit());
    TuningOptions options;
    options.trials = spec_;
    options.search = {metric, ranking.value_or(RankingOptions()), halving_};
    options.ranking = ranking;
    options.budget = budget_;
    options.seed = training_.seed();
    options.state = state_;
    options.device = device_.identity(*device);
    Tuning tuning(*device, data, parser, std::move(parts), std::move(options));
    std::vector<SearchOutcome> outcomes;
    std::vector<std::string> commands;  // that train the best setting of each
    for (std::size_t part = 0; part < tuning.parts(); ++part) {
      SearchOutcome& outcome = outcomes.emplace_back(search(console, tuning, part));
      if (outcome.ranked.empty()) return nothing_to_show(console, outcome);
      commands.push_back(command_that_trains(outcome.best_options));
      // What has been found is shown before anything else can fail, and then kept.
      if (part > 0) console.print("");
      print_search(console, model, outcome);
      bool finished = false;
      std::optional<Model> best;
      try {
        finished = !interrupted() && finish(console, tuning, outcome, best);
      } catch (...) {
        if (write_csv(outcomes)) results_.commit("--csv");
        throw;
      }
      if (finished && part + 1 == tuning.parts()) {
        write_csv(outcomes);
        results_.write_table(outcomes.size() > 1 ? nested_table(outcomes)
                                                 : trial_table(outcome, outcome.ranked.size()));
        if (results_.wanted("--out")) write_model(*best, results_.file("--out"));
        if (results_.wanted("--config-out")) {
          results_.file("--config-out").write(config_text(outcome, data_.given()));
        }
        results_.write_report(
            console, *device, data, fmt::format("Tuning {} on {}", model, data_.name()),
            [&](Report& page) {
              page.add_searches(outcomes, commands);
              if (!best || outcomes.size() > 1) return;
              const Trial& trial = outcome.trial(0);
              try {
                page.add_model(*device, *best, data, outcome.candidates[trial.candidate].order);
              } catch (const Interrupted&) {
                console.warn("interrupted; the page shows no lists");
              }
            });
        results_.commit();
      }
      report(console, tuning, outcome, finished, part);
      if (!finished) return say_interrupted(console);
    }
    if (outcomes.size() > 1) print_nested(console, outcomes);
    results_.show(console);
    return exit_done;
  }

 private:
  void declare_search(CLI::App& app) {
    const Heading heading(app, "Search");
    app.add_option("--grid", grid_,
                   "NAME=A,B,C: try these values of an option; with several, all combinations "
                   "(or with --random, any)")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_option("--random", random_,
                   "N [NAME=LO..HI[:log] ...]: try N settings drawn from ranges or lists; with N "
                   "alone, from ranges around the model's defaults, which are the first trial "
                   "(that is what is done, with 32, where nothing is said)")
        ->expected(1, 1000);
    app.add_flag("--halving", halving_,
                 "train all candidates of mf or neural together, and after 20, 60, 180, ... epochs "
                 "go on with "
                 "the best third");
    app.add_option("--metric", metric_, metric_help("settings are chosen"));
    folds_.declare(app);
    folds_.declare_test(app);
    app.add_option("--budget", budget_,
                   "seconds after which the search ends; trials under way are dropped")
        ->check(number_above(0));
    app.add_option("--state", state_,
                   "keep what has been tried in this file; the same command goes on from there");
  }

  void declare_results(CLI::App& app) {
    const Heading heading(app, "Results");
    results_.declare(app, "--out",
                     "train the best setting on all ratings but the test part and write the model "
                     "to this file (.safetensors)",
                     ResultFiles::Kind::model);
    results_.declare(app, "--config-out",
                     "write the best setting to this TOML file, for --config of train, cv and "
                     "compare");
    results_.declare(app, "--csv", "write all trials to this file");
    results_.declare_cells(app, "--csv");
    results_.declare_table(app);
    results_.declare_report(app, "the search");
    results_.declare_overwrite(app);
  }

  void read_space() {
    for (const std::string& text : grid_) spec_.space.add(ParameterRange(text));
    spec_.grid = random_.empty() && !grid_.empty();
    if (!random_.empty()) {
      const auto count = parse_int(random_.front());
      if (!count || *count < 1 || std::cmp_greater(*count, kMostTrials)) {
        throw UsageError(fmt::format("--random begins with a number of trials from 1 to {}, not {}",
                                     kMostTrials, in_quotes(random_.front())));
      }
      spec_.trials = static_cast<std::size_t>(*count);
      for (std::size_t r = 1; r < random_.size(); ++r) spec_.space.add(ParameterRange(random_[r]));
    }
    spec_.space = parser().typed(spec_.space);
  }

  CandidateParser parser() const {
    const ListOrderFlags& order = ranking_.order();
    Settings given = training_.given();
    for (Setting& setting : order.given()) given.push_back(std::move(setting));
    return {training_.options_of(training_.model().name), order.order(), std::move(given)};
  }

  void open_results() {
    if (folds_.every_fold_tests() &&
        (results_.wanted("--out") || results_.wanted("--config-out"))) {
      throw UsageError(
          "--test-fold all makes as many searches as there are folds, which may choose "
          "different settings: it has no one setting for --out or --config-out");
    }
    if (!state_.empty()) results_.reserve("--state", state_);
    results_.open();
  }

  SearchOutcome search(Console& console, Tuning& tuning, std::size_t part) const {
    TuningProgress progress(
        console,
        tuning.parts() == 1 ? "tuning" : fmt::format("search {} of {}", part + 1, tuning.parts()));
    const auto on_trials = [&](const SearchOutcome& outcome, std::span<const Trial> trials,
                               bool resumed) {
      if (resumed) {
        console.note(fmt::format("going on after {}", count_text(std::ssize(trials), "trial")));
      }
      keep_results_when_interrupted();
      for (const Trial& trial : trials) {
        Json json = trial_json(outcome, trial);
        if (tuning.parts() > 1) json["test_fold"] = part + 1;
        console.event(json);
      }
    };
    SearchOutcome outcome = tuning.search(part, on_trials, progress.observer());
    console.end_progress_line();
    return outcome;
  }

  std::string command_that_trains(const Settings& options) const {
    std::string command = "tusk train " + data_.command_line();
    for (const auto& [name, value] : options) {
      command += fmt::format(" --{}={}", name, shell_quoted(value));
    }
    return command + " --out model.safetensors";
  }

  // False if no such file is asked for.
  bool write_csv(const std::vector<SearchOutcome>& outcomes) {
    const bool wanted = results_.wanted("--csv");
    if (wanted) results_.file("--csv").write(search_csv(outcomes, results_.cells()));
    return wanted;
  }

  // Trains the best setting again where somebody wants to know: `best` is then its model. False if
  // that was interrupted.
  bool finish(Console& console, const Tuning& tuning, SearchOutcome& outcome,
              std::optional<Model>& best) const {
    const bool tested = outcome.folds.test.any();
    const bool saved = results_.wanted("--out");
    const bool reported = results_.wanted("--report");
    if (!tested && !saved && !reported) return true;
    if (tuning.trainer() == MfTrainer::side_by_side) {
      console.note(
          "the best setting is trained again by all of the GPU, the trials were trained side by "
          "side: its errors may differ from theirs by a little");
    }
    try {
      if (tested || reported) tuning.measure_folds(outcome, reported, {&interrupted});
      Model model = with_ranking_progress(
          console, [&](const Observer& observer) { return tuning.train_best(outcome, observer); });
      if (outcome.test_ranking) note_ties(console, {&*outcome.test_ranking, 1});
      store_search(model.metadata, outcome);
      store_order(model.metadata, outcome.candidates[outcome.trial(0).candidate].order);
      best = std::move(model);
    } catch (const Interrupted&) {
      return false;
    }
    return true;
  }

  void report(const Console& console, const Tuning& tuning, const SearchOutcome& outcome,
              bool finished, std::size_t part) const {
    Json json = {{"event", "result"}};
    if (tuning.parts() > 1) json["test_fold"] = part + 1;
    add_search(json, outcome);
    json["interrupted"] = !finished;
    json["out_of_time"] = outcome.out_of_time;
    json["seconds"] = outcome.seconds;
    for (const std::string name : {"out", "config-out", "csv", "table", "report"}) {
      std::string key = name;
      std::replace(key.begin(), key.end(), '-', '_');
      const bool written = finished && results_.wanted("--" + name);
      json[key] = written ? Json(results_.path("--" + name)) : Json();
    }
    console.event(json);
    print_test(console, outcome);
  }

  int nothing_to_show(Console& console, const SearchOutcome& outcome) const {
    if (interrupted()) return say_interrupted(console);
    if (outcome.trials.empty()) {
      throw UsageError("the budget is used up before the first trials have ended");
    }
    console.error(fmt::format("all {} diverged: search lower learning rates",
                              count_text(std::ssize(outcome.trials), "trial")));
    return exit_diverged;
  }

  int say_interrupted(Console& console) const {
    console.warn(state_.empty()
                     ? "interrupted; with --state FILE the trials so far would have been kept"
                     : "interrupted; the same command goes on from here");
    return exit_interrupted;
  }

  const CLI::App* app_ = nullptr;
  DataOptions data_;
  DeviceOptions device_;
  TrainingOptions training_;
  RankingFlags ranking_;
  FoldOptions folds_;
  std::vector<std::string> grid_;
  std::vector<std::string> random_;
  SearchSpec spec_;
  bool halving_ = false;
  std::string metric_;
  std::optional<double> budget_;
  std::string state_;
  ResultFiles results_;
};

}  // namespace

std::unique_ptr<Command> make_tune_command() { return std::make_unique<TuneCommand>(); }

}  // namespace tusk::cli
