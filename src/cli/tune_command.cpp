#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tusk/candidate_parser.hpp>
#include <tusk/report.hpp>
#include <tusk/search_state.hpp>
#include <tusk/tusk.hpp>

#include "cli/cell_options.hpp"
#include "cli/command.hpp"
#include "cli/data_options.hpp"
#include "cli/device_options.hpp"
#include "cli/fold_options.hpp"
#include "cli/interrupts.hpp"
#include "cli/output_file.hpp"
#include "cli/progress.hpp"
#include "cli/ranking_options.hpp"
#include "cli/search_job.hpp"
#include "cli/search_output.hpp"
#include "cli/training_options.hpp"
#include "cli/validators.hpp"
#include "model/write_model.hpp"
#include "support/text.hpp"
#include "train/rating_moments.hpp"

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
    app.add_option("--metric", metric_, "what settings are chosen by: " + metric_names())
        ->capture_default_str()
        ->group(group);
    folds_.declare(app);
    folds_.declare_test(app);
    for (const char* option : {"--folds", "--test", "--test-fold"}) {
      app.get_option(option)->group(group);
    }
    app.add_option("--budget", budget_,
                   "seconds after which the search ends; trials under way are dropped")
        ->check(number_above(0))
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
    cells_.declare(app, results);
    app.add_option("--report", report_, "write a page about the search to this file (.html)")
        ->group(results);
    app.add_flag("--overwrite", overwrite_, "replace files that are there")->group(results);
    training_.declare(app, TrainingOptions::For::search);
    ranking_.declare(app);
    device_.declare_training(app);
  }

  void check_given(const GivenOptions& given) override {
    training_.check_given(given);
    read_space();
    for (const std::string& name : space_.parameters()) {
      if (given.contains(app_->get_option_no_throw("--" + name))) {
        throw UsageError(fmt::format("--{} is both given and searched", name));
      }
    }
  }

  int run(Console& console) override {
    const Metric metric = parse_metric(metric_);
    const auto ranking = ranking_.options(training_.seed(), metric);
    const CandidateParser parser = this->parser();
    const std::string& model = parser.model().name;
    SearchJob::Plan plan;
    // What makes no sense is better known before the data is read.
    folds_.spec();
    OutputFiles files;
    open_outputs(files);
    if (uses_defaults()) {
      parser.parse({});
    } else {
      plan = plan_of(parser, space_);
      if (!random_.empty() && plan.settings.size() < trials_) {
        console.note(fmt::format("there are no more than {}",
                                 count_text(std::ssize(plan.settings), "setting")));
      }
    }

    const auto backend = device_.open(console, gpu_work_of_training(parser.model()));
    const Dataset data = data_.load(console, device_.threads());
    const std::vector<Folds> divisions = folds_.divide(data, training_.seed());
    SearchJob::Setup setup;
    setup.options = {metric, ranking.value_or(RankingOptions()), halving_};
    setup.ranking = ranking;
    setup.budget = budget_;
    setup.parts = divisions.size();
    setup.data = data_.command_line();
    if (ranking) ranking_.warn(console, data.scale);
    std::unique_ptr<SearchState> state;
    if (!state_.empty()) {
      Json search = identity(data, divisions, parser);
      search["device"] = device_.identity(*backend);
      state = std::make_unique<SearchState>(state_, search);
    }

    SearchJob job(console, *backend, data, parser, std::move(setup), std::move(state));
    std::vector<SearchOutcome> outcomes;
    for (std::size_t part = 0; part < divisions.size(); ++part) {
      if (uses_defaults()) plan = plan_around_defaults(parser, data, divisions[part]);
      SearchOutcome& outcome = outcomes.emplace_back(job.search(divisions[part], part, plan));
      if (outcome.ranked.empty()) return nothing_to_show(console, outcome);
      // What has been found is shown before anything else can fail, and then kept.
      if (part > 0) console.print("");
      print_search(console, model, outcome);
      bool finished = false;
      std::optional<Model> best;
      try {
        finished = !interrupted() && finish(job, outcome, best);
      } catch (...) {
        if (write_csv(files, outcomes)) files.commit("--csv");
        throw;
      }
      if (finished && part + 1 == divisions.size()) {
        write_csv(files, outcomes);
        if (best) write_model(*best, files.file("--out"));
        if (!config_out_.empty()) {
          files.file("--config-out").write(config_text(outcome, data_.given()));
        }
        if (!report_.empty()) {
          Report page(fmt::format("Tuning {} on {}", model, data_.name()), console.command(),
                      backend->name());
          page.add_searches(outcomes);
          page.add_data(data);
          files.file("--report").write(page.html());
        }
        files.commit();
      }
      report(console, job, outcome, finished, part);
      if (!finished) return say_interrupted(console);
    }
    if (outcomes.size() > 1) print_nested(console, outcomes);
    for (const auto& [option, path] : outputs()) {
      if (path.empty()) continue;
      const bool model_file = option == "--out";
      console.print(
          "saved {}{}", path,
          model_file ? fmt::format(" ({})", size_text(std::filesystem::file_size(path))) : "");
    }
    return exit_done;
  }

 private:
  bool uses_defaults() const { return grid_.empty() && random_.size() < 2; }

  void read_space() {
    for (const std::string& text : grid_) space_.add(ParameterRange(text));
    if (!random_.empty()) {
      const auto count = parse_int(random_.front());
      if (!count || *count < 1 || std::cmp_greater(*count, kMostTrials)) {
        throw UsageError(fmt::format("--random begins with a number of trials from 1 to {}, not {}",
                                     kMostTrials, in_quotes(random_.front())));
      }
      trials_ = static_cast<std::size_t>(*count);
      for (std::size_t r = 1; r < random_.size(); ++r) space_.add(ParameterRange(random_[r]));
    }
    space_ = typed(parser(), space_);
  }

  // The same with ranges of whole numbers for options that take no others.
  static SearchSpace typed(const CandidateParser& parser, const SearchSpace& space) {
    SearchSpace typed;
    for (ParameterRange range : space.ranges()) {
      for (const std::string& name : range.names()) {
        const Parameter* const parameter = parser.searched(name);
        const auto is = [&](Parameter::Type type) {
          return parameter != nullptr && parameter->type == type;
        };
        if (is(Parameter::Type::whole)) {
          range.make_integer();
        } else if (!is(Parameter::Type::number) && !range.is_list()) {
          throw UsageError(
              fmt::format("{}: {} is no number; list its values", short_text(range.text()), name));
        }
      }
      typed.add(std::move(range));
    }
    return typed;
  }

  SearchJob::Plan plan_of(const CandidateParser& parser, const SearchSpace& space) const {
    SearchJob::Plan plan{space, {}, {}};
    const std::uint64_t seed = training_.seed();
    if (!grid_.empty() && random_.empty()) {
      plan.settings = space.grid();
    } else if (!uses_defaults()) {
      plan.settings = space.draw(seed, trials_);
    } else {
      plan.settings = space.draw(seed, trials_ - 1);
      plan.settings.insert(plan.settings.begin(), Settings());
    }
    for (const Settings& one : plan.settings) plan.candidates.push_back(parser.parse(one));
    return plan;
  }

  // The space knows no more of the ratings than the search may.
  SearchJob::Plan plan_around_defaults(const CandidateParser& parser, const Dataset& data,
                                       const Folds& folds) const {
    SearchSpace all;
    const float spread = rating_spread(data, folds.label, folds.search());
    for (const Parameter& parameter : parser.model().parameters) {
      if (!parameter.search) continue;
      all.add(ParameterRange(fmt::format("{}={}", parameter.name, parameter.search(spread))));
    }
    all = typed(parser, all);
    SearchSpace space;
    for (const ParameterRange& range : all.ranges()) {
      if (parser.is_open(range.names().front(), range.at(0))) space.add(range);
    }
    if (space.empty()) {
      throw UsageError(fmt::format("--model {} has nothing to tune", parser.model().name));
    }
    return plan_of(parser, space);
  }

  CandidateParser parser() const {
    const ListOrderFlags& order = ranking_.order();
    Settings given = training_.given();
    for (Setting& setting : order.given()) given.push_back(std::move(setting));
    return {training_.options_of(training_.model().name), order.order(), std::move(given)};
  }

  // The options that name results, and what they name.
  std::vector<std::pair<std::string, std::string>> outputs() const {
    return {{"--out", out_}, {"--config-out", config_out_}, {"--csv", csv_}, {"--report", report_}};
  }

  void open_outputs(OutputFiles& files) const {
    if (folds_.every_fold_tests() && (!out_.empty() || !config_out_.empty())) {
      throw UsageError(
          "--test-fold all makes as many searches as there are folds, which may choose "
          "different settings: it has no one setting for --out or --config-out");
    }
    if (!state_.empty()) files.reserve("--state", state_);
    for (const auto& [option, path] : outputs()) {
      option == "--out" ? files.add_model(path, overwrite_) : files.add(option, path, overwrite_);
    }
  }

  // What tells this search from others. More trials of a random search are the same search.
  Json identity(const Dataset& data, const std::vector<Folds>& divisions,
                const CandidateParser& parser) const {
    Json search = {{"data", dataset_hash(data)}, {"model", training_.model().name}};
    search["scale"] = fmt::format("{:g}:{:g}", data.scale.low, data.scale.high);
    search["folds"] = folds_.every_fold_tests() ? fmt::format("all of {}", divisions.size())
                                                : divisions.front().description;
    search["division"] = labels_hash(divisions.front().label);
    search["metric"] = metric_;
    search["lists"] = parse_metric(metric_).of_lists() ? ranking_.text() : "";
    search["seed"] = training_.seed();
    search["options"] = Json::object();
    for (const auto& [name, value] : parser.all({})) search["options"][name] = value;
    search["kind"] = random_.empty() && !grid_.empty() ? "grid" : "random";
    search["space"] = Json::array();  // empty: around the defaults
    for (const ParameterRange& range : space_.ranges()) search["space"].push_back(range.text());
    // Which trials halving gives up depends on how many there are.
    search["halving"] = halving_ ? fmt::format("of {}", trials_) : "";
    return search;
  }

  // False if no such file is asked for.
  bool write_csv(OutputFiles& files, const std::vector<SearchOutcome>& outcomes) const {
    if (!csv_.empty()) files.file("--csv").write(search_csv(outcomes, cells_.cells()));
    return !csv_.empty();
  }

  // Trains the best setting again where somebody wants to know: `best` is then the model that is to
  // be saved. False if that was interrupted.
  bool finish(const SearchJob& job, SearchOutcome& outcome, std::optional<Model>& best) const {
    const bool tested = outcome.folds.test.any();
    try {
      if (tested || !report_.empty()) job.measure_folds(outcome);
      if (!tested && out_.empty()) return true;
      Model model = job.train_best(outcome);
      if (out_.empty()) return true;
      store_search(model.metadata, outcome);
      best = std::move(model);
    } catch (const Interrupted&) {
      return false;
    }
    return true;
  }

  void report(const Console& console, const SearchJob& job, const SearchOutcome& outcome,
              bool finished, std::size_t part) const {
    Json json = {{"event", "result"}};
    if (job.parts() > 1) json["test_fold"] = part + 1;
    add_search(json, outcome);
    json["interrupted"] = !finished;
    json["out_of_time"] = outcome.out_of_time;
    json["seconds"] = outcome.seconds;
    const auto path = [&](const std::string& file) {
      return file.empty() || !finished ? Json() : Json(file);
    };
    json["out"] = path(out_);
    json["config_out"] = path(config_out_);
    json["csv"] = path(csv_);
    json["report"] = path(report_);
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
  SearchSpace space_;
  std::size_t trials_ = 32;
  bool halving_ = false;
  std::string metric_ = "rmse";
  std::optional<double> budget_;
  std::string state_;
  std::string out_;
  std::string config_out_;
  std::string csv_;
  CellOptions cells_;
  std::string report_;
  bool overwrite_ = false;
};

}  // namespace

std::unique_ptr<Command> make_tune_command() { return std::make_unique<TuneCommand>(); }

}  // namespace tusk::cli
