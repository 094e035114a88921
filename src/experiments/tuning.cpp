#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <tusk/list_order.hpp>
#include <tusk/parameters.hpp>
#include <tusk/train.hpp>
#include <tusk/tuning.hpp>

#include "experiments/search_state.hpp"
#include "train/rating_moments.hpp"

namespace tusk {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// What figures of lists depend on but for their length.
std::string lists_text(const RankingOptions& ranking, const Dataset& data) {
  std::optional<float> relevance = ranking.relevance;
  if (!relevance && !data.report.implicit) relevance = usual_relevance(data.scale);
  std::string text =
      fmt::format("{}, candidates {}", relevance_text(relevance), to_string(ranking.candidates));
  if (ranking.gain != Gain::binary) text += fmt::format(", {} gains", to_string(ranking.gain));
  return text;
}

TrainOptions best_training(const SearchOutcome& outcome) {
  const Trial& best = outcome.trial(0);
  TrainOptions options = outcome.candidates[best.candidate].options;
  if (best.epochs > 0) {
    options.set("epochs", std::int64_t{best.epochs});
    options.set("early-stop", std::int64_t{0});
  }
  return options;
}

}  // namespace

std::size_t SearchOutcome::ties() const {
  return static_cast<std::size_t>(
      std::count_if(ranked.begin(), ranked.end(), [](const RankedTrial& r) { return r.tie; }));
}

std::optional<double> SearchOutcome::test_score() const {
  if (!test) return std::nullopt;
  return metric.of_lists() ? value_of(metric, test_ranking->mean) : value_of(metric, test->all);
}

std::optional<double> SearchOutcome::fold_models_test_score() const {
  if (best_folds.empty() || folds.test.none() || metric.of_lists()) return std::nullopt;
  double sum = 0;
  for (const FoldResult& fold : best_folds) sum += value_of(metric, fold.test->all);
  return sum / static_cast<double>(best_folds.size());
}

std::optional<std::string> value_of(const Settings& settings, const std::string& parameter) {
  for (const auto& [name, value] : settings) {
    if (name == parameter) return value;
  }
  return std::nullopt;
}

Tuning::Tuning(Device& device, const Dataset& data, CandidateParser parser,
               std::vector<Partition> parts, TuningOptions options)
    : device_(device),
      data_(data),
      parser_(std::move(parser)),
      parts_(std::move(parts)),
      options_(std::move(options)) {
  if (parts_.empty()) throw UsageError("there are no folds to search on");
  if (!options_.trials.grid &&
      (options_.trials.trials < 1 || options_.trials.trials > kMostTrials)) {
    throw UsageError(fmt::format("{} trials asked for; it must be 1 to {}", options_.trials.trials,
                                 kMostTrials));
  }
  if (options_.state.empty()) return;
  state_ = std::make_unique<SearchState>(options_.state, identity());
  trainer_ = state_->trainer();
}

Tuning::~Tuning() = default;

// What tells this search from others. More trials of a random search are the same search.
Json Tuning::identity() const {
  const Partition& folds = parts_.front();
  const auto& ranking = options_.ranking;
  Json search = {{"data", dataset_hash(data_)}, {"model", parser_.model().name}};
  search["scale"] = fmt::format("{:g}:{:g}", data_.scale.low, data_.scale.high);
  search["folds"] = parts() > 1 ? fmt::format("all of {}", parts()) : folds.description;
  search["division"] = labels_hash(folds.label);
  search["metric"] = to_string(options_.search.metric);
  search["lists"] = options_.search.metric.of_lists() && ranking ? lists_text(*ranking, data_) : "";
  search["seed"] = options_.seed;
  search["options"] = Json::object();
  for (const auto& [name, value] : parser_.all({})) search["options"][name] = value;
  search["kind"] = options_.trials.grid ? "grid" : "random";
  search["space"] = Json::array();  // empty: around the defaults
  for (const ParameterRange& range : options_.trials.space.ranges()) {
    search["space"].push_back(range.text());
  }
  // Which trials halving gives up depends on how many there are.
  search["halving"] = options_.search.halving ? fmt::format("of {}", options_.trials.trials) : "";
  search["device"] = options_.device;
  return search;
}

// The space around the defaults knows no more of the ratings than the search may.
SearchPlan Tuning::plan(const Partition& folds) const {
  const SearchSpec& trials = options_.trials;
  if (!trials.space.empty()) return parser_.plan(trials, options_.seed);
  return parser_.plan_around_defaults(trials, options_.seed,
                                      rating_spread(data_, folds.label, folds.train()));
}

SearchOutcome Tuning::search(std::size_t part, const OnTunedTrials& on_trials,
                             const Observer& observer) {
  const auto part_start = Clock::now();
  SearchPlan plan = this->plan(parts_[part]);
  SearchOutcome outcome;
  outcome.metric = options_.search.metric;
  outcome.folds = parts_[part];
  outcome.has_errors =
      predicts_ratings(parser_.model(), data_.report.implicit || outcome.folds.fold_in.any());
  outcome.settings = std::move(plan.settings);
  outcome.candidates = std::move(plan.candidates);
  for (const ParameterRange& range : plan.space.ranges()) {
    for (const std::string& name : range.names()) {
      outcome.parameters.push_back(name);
      outcome.logarithmic.push_back(range.logarithmic());
    }
  }
  const double before = state_ ? state_->seconds() : 0;  // by earlier runs of the program
  const std::vector<Trial> known = known_trials(part, outcome.settings);
  if (!known.empty() && on_trials) on_trials(outcome, known, true);
  const auto keep = [&](std::span<const Trial> trials) {
    if (state_) {
      state_->add(static_cast<int>(part), trials, outcome.settings, before + seconds_since(start_));
    }
    if (!trials.empty() && on_trials) on_trials(outcome, trials, false);
  };
  Observer during;
  during.on_search = [&](const SearchProgress& progress) {
    // All parts of a search, and all runs of the program that do it, train alike.
    if (progress.trainer != MfTrainer::automatic) {
      trainer_ = progress.trainer;
      if (state_ && state_->trainer() == MfTrainer::automatic) state_->add_trainer(trainer_);
    }
    observer.report(progress);
  };
  during.should_stop = [&] {
    if (observer.stops()) return true;
    // Each part has its share.
    const double share = static_cast<double>(part + 1) / static_cast<double>(parts());
    if (options_.budget && before + seconds_since(start_) >= *options_.budget * share) {
      outcome.out_of_time = true;
    }
    return outcome.out_of_time;
  };
  SearchOptions options = options_.search;
  options.trainer = trainer_;
  const OnTrials on_ended = keep;
  const SearchWork work{
      outcome.folds, outcome.settings, outcome.candidates, known, options, on_ended, during};
  outcome.trials = options_.run ? options_.run(work)
                                : tusk::search(device_, data_, work.folds, work.candidates, known,
                                               options, on_ended, during);
  outcome.ranked = rank_trials(outcome.metric, outcome.trials);
  outcome.seconds = seconds_since(part_start) + (parts() == 1 ? before : 0);
  if (!outcome.ranked.empty()) outcome.best_options = best_options(outcome);
  return outcome;
}

std::vector<Trial> Tuning::known_trials(std::size_t part,
                                        const std::vector<Settings>& settings) const {
  std::vector<Trial> known;
  std::set<std::size_t> is_known;
  if (!state_) return known;
  for (const auto& [trial, tried] : state_->known(static_cast<int>(part))) {
    if (trial.candidate >= settings.size()) continue;  // of a longer random search
    if (settings[trial.candidate] != tried) {
      throw ParameterError("state", fmt::format("is of another search: its trial {} has other "
                                                "settings",
                                                trial.candidate + 1));
    }
    if (is_known.insert(trial.candidate).second) known.push_back(trial);
  }
  return known;
}

Settings Tuning::best_options(const SearchOutcome& outcome) const {
  const Trial& best = outcome.trial(0);
  Settings options = parser_.all(outcome.settings_of(best));
  if (!value_of(options, "model")) {
    options.insert(options.begin(), {"model", parser_.model().name});
  }
  if (best.epochs > 0) {
    std::erase_if(options, [](const Setting& setting) {
      return setting.first == "epochs" || setting.first == "early-stop";
    });
    options.emplace_back("epochs", fmt::format("{}", best.epochs));
  }
  return options;
}

RankingOptions Tuning::ranking_of_best(const SearchOutcome& outcome) const {
  RankingOptions ranking = *options_.ranking;
  ranking.order = outcome.candidates[outcome.trial(0).candidate].order;
  return ranking;
}

void Tuning::measure_folds(SearchOutcome& outcome, bool lists, const Observer& observer) const {
  std::optional<RankingOptions> ranking;
  if (lists && options_.ranking) ranking = ranking_of_best(outcome);
  outcome.best_folds =
      cross_validate(device_, data_, outcome.folds, best_training(outcome), observer, ranking);
}

Model Tuning::train_best(SearchOutcome& outcome, const Observer& observer) const {
  Partition folds = outcome.folds;
  folds.fold_in.reset();  // users who were held out of the search are trained, too
  Model model = train(device_, data_, best_training(outcome), folds, observer);
  observer.check_stop();
  if (folds.test.none()) return model;
  const RatingList test = select_ratings(data_, folds.label, folds.test);
  outcome.test = evaluate(device_, model, test);
  if (options_.ranking) {
    outcome.test_ranking =
        evaluate_ranking(device_, model, test, ranking_of_best(outcome), observer);
  }
  return model;
}

}  // namespace tusk
