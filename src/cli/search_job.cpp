#include "cli/search_job.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/train.hpp>

#include "cli/interrupts.hpp"
#include "cli/progress.hpp"
#include "cli/ranking_output.hpp"
#include "cli/search_output.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

TrainHooks interruptible() {
  TrainHooks hooks;
  hooks.should_stop = &interrupted;
  return hooks;
}

}  // namespace

SearchJob::SearchJob(Console& console, Backend& backend, const Dataset& data,
                     const CandidateParser& parser, Setup setup, std::unique_ptr<SearchState> state)
    : console_(console),
      backend_(backend),
      data_(data),
      parser_(parser),
      setup_(std::move(setup)),
      state_(std::move(state)) {}

SearchOutcome SearchJob::search(const Folds& folds, std::size_t part, const Plan& plan) {
  SearchOutcome outcome;
  outcome.metric = setup_.options.metric;
  outcome.folds = folds;
  outcome.settings = plan.settings;
  outcome.candidates = plan.candidates;
  for (const ParameterRange& range : plan.space.ranges()) {
    for (const std::string& name : range.names()) {
      outcome.parameters.push_back(name);
      outcome.logarithmic.push_back(range.logarithmic());
    }
  }
  const auto part_start = Clock::now();
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  const double before = state_ ? state_->seconds() : 0;  // by earlier runs of the program
  const std::vector<Trial> known = known_trials(part, plan.settings);
  const auto show = [&](std::span<const Trial> trials) {
    if (!trials.empty()) keep_results_when_interrupted();
    for (const Trial& trial : trials) {
      Json json = trial_json(outcome.metric, trial, outcome.settings_of(trial));
      if (setup_.parts > 1) json["test_fold"] = part + 1;
      console_.event(json);
    }
  };
  show(known);
  TuningProgress progress(console_, setup_.parts == 1
                                        ? "tuning"
                                        : fmt::format("search {} of {}", part + 1, setup_.parts));
  SearchHooks hooks;
  // All parts of a search, and all runs of the program that do it, train alike.
  if (state_ && trainer_ == MfTrainer::automatic) trainer_ = state_->trainer();
  hooks.on_trainer = [&](MfTrainer trainer) {
    trainer_ = trainer;
    if (state_ && state_->trainer() == MfTrainer::automatic) state_->add_trainer(trainer);
  };
  hooks.on_progress = [&](const SearchProgress& p) { progress.on_progress(p); };
  hooks.on_trials = [&](std::span<const Trial> trials) {
    if (state_) {
      state_->add(static_cast<int>(part), trials, outcome.settings, before + since(start_));
    }
    show(trials);
  };
  hooks.should_stop = [&] {
    if (interrupted()) return true;
    // Each part has its share.
    const double share = static_cast<double>(part + 1) / static_cast<double>(setup_.parts);
    if (setup_.budget && before + since(start_) >= *setup_.budget * share)
      outcome.out_of_time = true;
    return outcome.out_of_time;
  };
  SearchOptions options = setup_.options;
  options.trainer = trainer_;
  outcome.trials = tusk::search(backend_, data_, folds, plan.candidates, known, options, hooks);
  outcome.ranked = rank_trials(outcome.metric, outcome.trials);
  outcome.seconds = since(part_start) + (setup_.parts == 1 ? before : 0);
  if (!outcome.ranked.empty()) describe_best(outcome);
  console_.end_progress_line();
  return outcome;
}

std::vector<Trial> SearchJob::known_trials(std::size_t part,
                                           const std::vector<Settings>& settings) {
  std::vector<Trial> known;
  std::set<std::size_t> is_known;
  if (!state_) return known;
  for (const auto& [trial, tried] : state_->known(static_cast<int>(part))) {
    if (trial.candidate >= settings.size()) continue;  // of a longer random search
    if (settings[trial.candidate] != tried) {
      throw UsageError(fmt::format("--state is of another search: its trial {} has other settings",
                                   trial.candidate + 1));
    }
    if (!is_known.insert(trial.candidate).second) continue;
    known.push_back(trial);
  }
  if (!known.empty()) {
    console_.note(fmt::format("going on after {}", count_text(std::ssize(known), "trial")));
  }
  return known;
}

void SearchJob::describe_best(SearchOutcome& outcome) const {
  const Trial& best = outcome.trial(0);
  Settings& options = outcome.best_options;
  options = parser_.all(outcome.settings_of(best));
  if (!value_of(options, "model")) {
    options.insert(options.begin(), {"model", parser_.model().name});
  }
  if (best.epochs > 0) {
    std::erase_if(options, [](const Setting& setting) {
      return setting.first == "epochs" || setting.first == "early-stop";
    });
    options.emplace_back("epochs", fmt::format("{}", best.epochs));
  }
  outcome.best_command = "tusk train " + setup_.data;
  for (const auto& [name, value] : options) {
    outcome.best_command += fmt::format(" --{}={}", name, shell_quoted(value));
  }
  outcome.best_command += " --out model.safetensors";
}

TrainOptions SearchJob::best_training(const SearchOutcome& outcome) const {
  const Trial& best = outcome.trial(0);
  TrainOptions options = outcome.candidates[best.candidate].options;
  if (best.epochs > 0) {
    options.set("epochs", std::int64_t{best.epochs});
    options.set("early-stop", std::int64_t{0});
  }
  return options;
}

void SearchJob::note_trainer() const {
  if (trainer_ != MfTrainer::side_by_side) return;
  console_.note(
      "the best setting is trained again by all of the GPU, the trials were trained side by side: "
      "its errors may differ from theirs by a little");
}

void SearchJob::measure_folds(SearchOutcome& outcome) const {
  note_trainer();
  outcome.best_folds =
      cross_validate(backend_, data_, outcome.folds, best_training(outcome), interruptible());
}

Model SearchJob::train_best(SearchOutcome& outcome) const {
  if (outcome.best_folds.empty()) note_trainer();
  const Folds& folds = outcome.folds;
  Split split;
  split.label = folds.label;
  split.labels = kMaxLabels;
  split.test = folds.test;
  split.description = folds.test.none() ? "none" : folds.description;
  Model model = train(backend_, data_, best_training(outcome), split, interruptible());
  if (interrupted()) throw Interrupted();
  if (folds.test.none()) return model;
  const RatingList test = select_ratings(data_, folds.label, folds.test);
  outcome.test = evaluate(backend_, model, test);
  if (setup_.ranking) {
    RankingOptions ranking = *setup_.ranking;
    ranking.order = outcome.candidates[outcome.trial(0).candidate].order;
    outcome.test_ranking = judge_ranking(console_, backend_, model, test, ranking);
  }
  return model;
}

}  // namespace tusk::cli
