#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/data_options.hpp"
#include "cli/device_options.hpp"
#include "cli/fold_options.hpp"
#include "cli/output_file.hpp"
#include "cli/progress.hpp"
#include "cli/ranking_options.hpp"
#include "cli/ranking_output.hpp"
#include "cli/report/report.hpp"
#include "cli/search/candidate_options.hpp"
#include "cli/search/default_space.hpp"
#include "cli/search/search_output.hpp"
#include "cli/search/search_state.hpp"
#include "cli/training_options.hpp"
#include "support/text.hpp"
#include "train/rating_moments.hpp"

namespace tusk::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

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
    const char* group = "Search";
    app.add_option("--grid", grid_,
                   "NAME=A,B,C: try these values of an option; with several, all combinations "
                   "(or with --random, any)")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->group(group);
    app.add_option("--random", random_,
                   "N [NAME=LO..HI[:log] ...]: try N settings drawn from ranges or lists; with N "
                   "alone, from ranges around the model's defaults, which are the first trial "
                   "(that is what is done, with 32, where nothing is said)")
        ->expected(1, 1000)
        ->group(group);
    app.add_flag(
           "--halving", halving_,
           "train all candidates of mf together, and after 20, 60, 180, ... epochs go on with "
           "the best third")
        ->group(group);
    app.add_option("--metric", metric_,
                   "what settings are chosen by: rmse, mae, or of lists precision@K, recall@K, "
                   "ndcg@K, map@K, mrr@K, hit-rate@K")
        ->capture_default_str()
        ->group(group);
    folds_.declare(app);
    folds_.declare_test(app);
    for (const char* option : {"--folds", "--test", "--test-fold"}) {
      app.get_option(option)->group(group);
    }
    app.add_option("--budget", budget_, "seconds after which no further trial is begun")
        ->group(group);
    app.add_option("--state", state_,
                   "keep what has been tried in this file; the same command goes on from there")
        ->group(group);
    const char* results = "Results";
    app.add_option("--out", out_,
                   "train the best setting on all ratings but the test part and write the model to "
                   "this file (.safetensors)")
        ->group(results);
    app.add_option("--config-out", config_out_,
                   "write the best setting to this TOML file, for --config of train, cv and "
                   "compare")
        ->group(results);
    app.add_option("--csv", csv_, "write all trials to this file")->group(results);
    app.add_option("--report", report_, "write a page about the search to this file (.html)")
        ->group(results);
    app.add_flag("--overwrite", overwrite_, "replace results that are there")->group(results);
    training_.declare(app, TrainingOptions::For::search);
    ranking_.declare(app);
    device_.declare_training(app);
  }

  void check_given(const GivenOptions& given) override {
    if (budget_ && !(*budget_ > 0)) throw UsageError("--budget is a number of seconds above 0");
    training_.check_given(given);
  }

  int run(Console& console) override {
    const TrainOptions base = training_.options();
    const Metric metric = parse_metric(metric_);
    const FoldsSpec spec = folds_.spec();
    const auto ranking = ranking_.options(training_.seed());
    if (metric.of_lists() && !ranking) throw UsageError("--top 0 judges no lists; leave it out");
    read_space();
    const CandidateParser parser(*app_);
    check_outputs();
    // Settings that make no sense are better known before the data is read.
    if (!uses_defaults()) candidates_of(parser, settings());

    const auto backend = device_.open(console, gpu_work_of_training(base.model));
    const Dataset data = data_.load(console, device_.threads());
    std::vector<Folds> divisions;
    if (folds_.every_fold_tests()) {
      FoldsSpec nested = spec;
      const std::size_t folds = make_folds(data, spec, training_.seed()).size();
      for (int fold = 1; fold <= static_cast<int>(folds); ++fold) {
        nested.test_fold = fold;
        divisions.push_back(make_folds(data, nested, training_.seed()));
      }
    } else {
      divisions.push_back(make_folds(data, spec, training_.seed()));
    }
    if (uses_defaults()) {
      const Folds& folds = divisions.front();
      space_ = typed(default_space(base.model, rating_spread(data, folds.label, folds.search())));
      if (space_.empty()) {
        throw UsageError(fmt::format("--model {} has nothing to tune", to_string(base.model)));
      }
    }
    const std::vector<Settings> all_settings = settings();
    const std::vector<Candidate> candidates = candidates_of(parser, all_settings);
    if (ranking) ranking_.warn(console, data.scale);
    std::unique_ptr<SearchState> state;
    if (!state_.empty()) {
      state = std::make_unique<SearchState>(
          state_, identity(data, divisions, base, parser, backend->name()));
    }

    const InterruptGuard guard;
    SearchOptions options{metric, ranking.value_or(RankingOptions()), halving_};
    std::vector<SearchOutcome> outcomes;
    Job job{console,      *backend, data,    parser,     candidates,
            all_settings, options,  ranking, state.get()};
    for (std::size_t part = 0; part < divisions.size(); ++part) {
      SearchOutcome outcome = search_part(job, divisions[part], part, divisions.size());
      if (outcome.ranked.empty()) return nothing_to_show(console, outcome);
      const bool stopped = InterruptGuard::interrupted();
      if (!stopped) finish(job, outcome);
      report(job, outcome, stopped, part, divisions.size());
      outcomes.push_back(std::move(outcome));
      if (stopped) return interrupted(console);
    }
    if (outcomes.size() > 1) report_nested(console, outcomes);
    if (!csv_.empty()) write_csv(outcomes);
    if (!report_.empty()) write_report(job, outcomes);
    return exit_done;
  }

 private:
  // What the parts of a search share.
  struct Job {
    Console& console;
    Backend& backend;
    const Dataset& data;
    const CandidateParser& parser;
    const std::vector<Candidate>& candidates;
    const std::vector<Settings>& settings;
    const SearchOptions& options;
    const std::optional<RankingOptions>& ranking;
    SearchState* state;
  };

  bool uses_defaults() const { return grid_.empty() && random_.size() < 2; }

  void read_space() {
    for (const std::string& text : grid_) space_.add(ParameterRange(text));
    if (!random_.empty()) {
      const auto count = parse_int(random_.front());
      if (!count || *count < 1 || *count > 1'000'000) {
        throw UsageError(
            fmt::format("--random begins with a number of trials from 1 to 1000000, "
                        "not {}",
                        in_quotes(random_.front())));
      }
      trials_ = static_cast<std::size_t>(*count);
      for (std::size_t r = 1; r < random_.size(); ++r) space_.add(ParameterRange(random_[r]));
    }
    space_ = typed(space_);
  }

  // The same with ranges of whole numbers for options that take no others.
  static SearchSpace typed(const SearchSpace& space) {
    SearchSpace typed;
    for (ParameterRange range : space.ranges()) {
      for (const std::string& name : range.names()) {
        CandidateParser::check_parameter(name);
        const auto type = CandidateParser::type_of(name);
        if (type == ParameterType::integer) range.make_integer();
        if (type == ParameterType::text && !range.is_list()) {
          throw UsageError(fmt::format("{}: {} is no number; list its values", range.text(), name));
        }
      }
      typed.add(std::move(range));
    }
    return typed;
  }

  std::vector<Settings> settings() const {
    if (!grid_.empty() && random_.empty()) return space_.grid();
    if (!uses_defaults()) return space_.draw(training_.seed(), trials_);
    std::vector<Settings> drawn = space_.draw(training_.seed(), trials_ - 1);
    drawn.insert(drawn.begin(), Settings());
    return drawn;
  }

  static std::vector<Candidate> candidates_of(const CandidateParser& parser,
                                              const std::vector<Settings>& settings) {
    std::vector<Candidate> candidates;
    for (const Settings& one : settings) candidates.push_back(parser.parse(one));
    return candidates;
  }

  void check_outputs() const {
    if (folds_.every_fold_tests() && (!out_.empty() || !config_out_.empty())) {
      throw UsageError(
          "--test-fold all makes as many searches as there are folds, which may choose "
          "different settings: it has no one setting for --out or --config-out");
    }
    if (!out_.empty()) check_output(out_);
    if (!config_out_.empty()) check_output("--config-out", config_out_, overwrite_);
    if (!csv_.empty()) check_output("--csv", csv_, overwrite_);
    if (!report_.empty()) check_output("--report", report_, overwrite_);
  }

  // What tells this search from others. More trials of a random search are the same search.
  Json identity(const Dataset& data, const std::vector<Folds>& divisions, const TrainOptions& base,
                const CandidateParser& parser, std::string_view device) const {
    Json search = {{"data", dataset_hash(data)}, {"model", to_string(base.model)}};
    search["folds"] = folds_.every_fold_tests() ? fmt::format("all of {}", divisions.size())
                                                : divisions.front().description;
    search["metric"] = metric_;
    search["seed"] = training_.seed();
    search["options"] = Json::object();
    for (const auto& [name, value] : parser.all({})) search["options"][name] = value;
    search["kind"] = random_.empty() && !grid_.empty() ? "grid" : "random";
    for (const ParameterRange& range : space_.ranges()) search["space"].push_back(range.text());
    search["halving"] = halving_;
    search["device"] = device;
    return search;
  }

  SearchOutcome search_part(const Job& job, const Folds& folds, std::size_t part,
                            std::size_t parts) const {
    SearchOutcome outcome;
    outcome.metric = job.options.metric;
    outcome.folds = folds;
    outcome.settings = job.settings;
    for (const ParameterRange& range : space_.ranges()) {
      for (const std::string& name : range.names()) {
        outcome.parameters.push_back(name);
        outcome.logarithmic.push_back(range.logarithmic());
      }
    }
    const auto start = Clock::now();
    const double before = job.state == nullptr ? 0 : job.state->seconds();
    const auto spent = [&] { return before + seconds_since(start); };
    const std::vector<Trial> known = known_trials(job, part);
    const auto show = [&](std::span<const Trial> trials) {
      for (const Trial& trial : trials) {
        job.console.event(trial_json(job.options.metric, trial, outcome.settings_of(trial)));
      }
    };
    show(known);
    TuningProgress progress(
        job.console, parts == 1 ? "tuning" : fmt::format("search {} of {}", part + 1, parts));
    SearchHooks hooks;
    hooks.on_progress = [&](const SearchProgress& p) { progress.on_progress(p); };
    hooks.on_trials = [&](std::span<const Trial> trials) {
      if (job.state != nullptr) {
        job.state->add(static_cast<int>(part), trials, outcome.settings, spent());
      }
      show(trials);
    };
    hooks.should_stop = [&] {
      return InterruptGuard::interrupted() || (budget_ && spent() >= *budget_);
    };
    outcome.trials =
        search(job.backend, job.data, folds, job.candidates, known, job.options, hooks);
    outcome.ranked = rank_trials(outcome.metric, outcome.trials);
    if (!outcome.ranked.empty()) {
      outcome.best_options = best_options(job, outcome);
      outcome.best_command = "tusk train " + data_.command_line();
      for (const auto& [name, value] : outcome.best_options) {
        outcome.best_command += fmt::format(" --{} {}", name, shell_quoted(value));
      }
      outcome.best_command += " --out model.safetensors";
    }
    outcome.seconds = spent();
    job.console.end_progress_line();
    return outcome;
  }

  // Those in the state file, if they are of this search.
  std::vector<Trial> known_trials(const Job& job, std::size_t part) const {
    std::vector<Trial> known;
    if (job.state == nullptr) return known;
    for (const auto& [trial, settings] : job.state->known(static_cast<int>(part))) {
      if (trial.candidate >= job.settings.size()) continue;  // of a longer random search
      if (job.settings[trial.candidate] != settings) {
        throw UsageError(
            fmt::format("--state {} is of another search: its trial {} has other "
                        "settings",
                        state_, trial.candidate + 1));
      }
      known.push_back(trial);
    }
    if (!known.empty()) {
      job.console.note(
          fmt::format("going on after {} in {}", count_text(std::ssize(known), "trial"), state_));
    }
    return known;
  }

  static Settings best_options(const Job& job, const SearchOutcome& outcome) {
    const Trial& best = outcome.trial(0);
    Settings options = job.parser.all(outcome.settings_of(best));
    if (!value_of(options, "model")) {
      const auto model = to_string(job.candidates[best.candidate].options.model);
      options.insert(options.begin(), {"model", std::string(model)});
    }
    if (best.epochs == 0) return options;
    std::erase_if(options, [](const Setting& setting) {
      return setting.first == "epochs" || setting.first == "early-stop";
    });
    options.emplace_back("epochs", fmt::format("{}", best.epochs));
    return options;
  }

  // Trains the best setting again where somebody wants to know.
  void finish(const Job& job, SearchOutcome& outcome) const {
    const Folds& folds = outcome.folds;
    const Trial& trial = outcome.trial(0);
    const Candidate& best = job.candidates[trial.candidate];
    TrainOptions options = best.options;
    if (trial.epochs > 0) {
      options.epochs = trial.epochs;
      options.early_stopping.reset();
    }
    TrainHooks hooks;
    hooks.should_stop = &InterruptGuard::interrupted;
    if (folds.test.any() || !report_.empty()) {
      outcome.best_folds = cross_validate(job.backend, job.data, folds, options, hooks);
    }
    if (folds.test.none() && out_.empty()) return;
    Split split;
    split.label = folds.label;
    split.labels = static_cast<int>(folds.size()) + 1;
    split.test = folds.test;
    split.description = folds.test.none() ? "none" : folds.description;
    Model model = tusk::train(job.backend, job.data, options, split, hooks);
    if (folds.test.any()) {
      const RatingList test = select_ratings(job.data, folds.label, folds.test);
      outcome.test = evaluate(job.backend, model, test);
      if (job.ranking) {
        RankingOptions ranking = *job.ranking;
        ranking.order = best.order;
        outcome.test_ranking = judge_ranking(job.console, job.backend, model, test, ranking);
      }
    }
    if (out_.empty()) return;
    store_search(model.metadata, outcome);
    save_model(model, out_);
  }

  void report(const Job& job, const SearchOutcome& outcome, bool stopped, std::size_t part,
              std::size_t parts) const {
    const Console& console = job.console;
    Json json = {{"event", "result"}};
    if (parts > 1) json["test_fold"] = part + 1;
    add_search(json, outcome);
    json["interrupted"] = stopped;
    json["seconds"] = outcome.seconds;
    const auto path = [&](const std::string& file) {
      return file.empty() || stopped ? Json() : Json(file);
    };
    json["out"] = path(out_);
    json["config_out"] = path(config_out_);
    json["csv"] = path(csv_);
    json["report"] = path(report_);
    console.event(json);
    if (part > 0) console.print("");
    const auto trials = count_text(std::ssize(outcome.trials), "trial");
    console.print("{}: {} on {} ({}), in {:.1f} s", to_string(job.candidates.front().options.model),
                  outcome.trials.size() < outcome.settings.size()
                      ? fmt::format("{} of {}", outcome.trials.size(),
                                    count_text(std::ssize(outcome.settings), "trial"))
                      : trials,
                  count_text(std::ssize(outcome.folds.held_out), "fold"), outcome.folds.description,
                  outcome.seconds);
    print_search(console, outcome);
    print_test(console, outcome);
    if (stopped) return;
    if (!config_out_.empty()) {
      write_file(config_out_,
                 config_text(outcome.best_options,
                             fmt::format("the best of {} by {} on {}: {:.4f}, a selection score",
                                         trials, to_string(outcome.metric),
                                         outcome.folds.description, outcome.ranked[0].score.mean)));
      console.print("saved {}", config_out_);
    }
    if (!out_.empty()) {
      console.print("saved {} ({})", out_, size_text(std::filesystem::file_size(out_)));
    }
  }

  // Of nested cross-validation: what the searches reach on the folds that they have not seen.
  static void report_nested(const Console& console, const std::vector<SearchOutcome>& outcomes) {
    std::vector<double> tests;
    std::vector<double> selection;
    console.print("");
    console.print("{:<11}{:<18}RMSE on it", "test fold", "selection score");
    for (std::size_t part = 0; part < outcomes.size(); ++part) {
      tests.push_back(outcomes[part].test->all.rmse());
      selection.push_back(outcomes[part].ranked[0].score.mean);
      console.print("{:<11}{:<18.4f}{:.4f}", part + 1, selection.back(), tests.back());
    }
    console.print("{:<11}{:<18.4f}{:.4f}", "mean", score(selection).mean, score(tests).mean);
    console.event({{"event", "nested"},
                   {"selection_score", score(selection).mean},
                   {"test_rmse", score(tests).mean},
                   {"test_rmse_standard_error", score(tests).standard_error},
                   {"test_rmse_by_fold", tests}});
  }

  void write_report(const Job& job, const std::vector<SearchOutcome>& outcomes) const {
    const SearchOutcome& first = outcomes.front();
    const auto model = to_string(job.candidates.front().options.model);
    Report report(job.console, fmt::format("Tuning {} on {}", model, data_.name()),
                  job.backend.name());
    report.add_fact("model", std::string(model));
    report.add_fact("folds",
                    folds_.every_fold_tests() ? "each tested in turn" : first.folds.description);
    report.add_fact("chosen by", to_string(first.metric));
    report.add_fact("trials", fmt::format("{}", first.trials.size()));
    report.add_fact("search", fmt::format("{:.1f} s", first.seconds));
    RatingMetrics errors;
    std::vector<double> selection;
    std::vector<double> tests;
    for (const SearchOutcome& outcome : outcomes) {
      report.add_search(outcome);
      selection.push_back(outcome.ranked[0].score.mean);
      if (outcome.test) tests.push_back(outcome.test->all.rmse());
      if (outcome.test) errors += *outcome.test;
      for (const FoldResult& fold : outcome.best_folds) {
        if (!outcome.test) errors += fold.metrics;
      }
    }
    const bool nested = outcomes.size() > 1;
    const double selection_error =
        nested ? score(selection).standard_error : first.ranked[0].score.standard_error;
    report.add_score(fmt::format("selection score, {}", to_string(first.metric)),
                     score(selection).mean, selection_error,
                     nested ? "mean over the searches" : "chosen as the best on these folds");
    if (!tests.empty()) {
      report.add_score("RMSE on the test part", score(tests).mean,
                       nested ? score(tests).standard_error : 0,
                       "of ratings kept out of the whole search");
    }
    if (const auto rmse = first.fold_models_test_rmse(); rmse && !nested) {
      report.add_score("RMSE of the folds' models on it", *rmse, 0,
                       "trained on as few ratings as behind the selection score");
    }
    report.add_data(job.data);
    report.add_errors(first.test ? "the test part, by the best setting"
                                 : "the folds that are held out, by the best setting",
                      errors);
    report.write(report_);
    job.console.print("saved {}", report_);
  }

  void write_csv(const std::vector<SearchOutcome>& outcomes) const {
    std::string text;
    for (std::size_t part = 0; part < outcomes.size(); ++part) {
      std::string csv = search_csv(outcomes[part]);
      if (outcomes.size() > 1) {
        // A column in front, and one header.
        std::string lines;
        const auto rows = split_text(csv, "\n");
        for (std::size_t r = 0; r + 1 < rows.size(); ++r) {
          if (r == 0 && part > 0) continue;
          lines +=
              fmt::format("{},{}\n", r == 0 ? "test_fold" : fmt::format("{}", part + 1), rows[r]);
        }
        csv = lines;
      }
      text += csv;
    }
    write_file(csv_, text);
  }

  int nothing_to_show(Console& console, const SearchOutcome& outcome) const {
    if (InterruptGuard::interrupted()) return interrupted(console);
    if (outcome.trials.empty()) {
      throw UsageError("the budget is used up before the first trials have ended");
    }
    console.error(fmt::format("all {} diverged: search lower learning rates",
                              count_text(std::ssize(outcome.trials), "trial")));
    return exit_diverged;
  }

  int interrupted(Console& console) const {
    console.warn(state_.empty()
                     ? "interrupted; with --state FILE the same command would go on from here"
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
  SearchSpace space_;
  std::size_t trials_ = 32;
  bool halving_ = false;
  std::string metric_ = "rmse";
  std::optional<double> budget_;
  std::string state_;
  std::string out_;
  std::string config_out_;
  std::string csv_;
  std::string report_;
  bool overwrite_ = false;
};

}  // namespace

std::unique_ptr<Command> make_tune_command() { return std::make_unique<TuneCommand>(); }

}  // namespace tusk::cli
