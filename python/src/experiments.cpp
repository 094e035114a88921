// Cross-validation, searches and comparisons. Results come as the library's JSON, tables and pages.
#include <algorithm>
#include <map>

#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>

#include "binding.hpp"
#include "interrupts.hpp"
#include "open_model.hpp"

namespace tusk::python {
namespace {

std::string data_name(const Dataset& data) {
  return data.source.empty() ? "arrays" : data.source.filename().string();
}

// How lists are judged, if they are: `k` of them.
std::optional<RankingOptions> ranking_options(std::optional<int> k, std::optional<float> relevance,
                                              const std::string& candidates, std::uint64_t seed) {
  if (!k) return std::nullopt;
  RankingOptions options;
  options.k = *k;
  options.relevance = relevance;
  options.candidates = parse_candidates(candidates);
  options.seed = seed;
  check_ranking_options(options);
  return options;
}

// What the metric judges by, unless lists of `k` are judged beside it.
std::optional<RankingOptions> ranking_of(const Metric& metric, std::optional<int> k,
                                         std::optional<float> relevance,
                                         const std::string& candidates, std::uint64_t seed) {
  if (metric.of_lists()) k = metric.k;
  return ranking_options(k, relevance, candidates, seed);
}

Metric metric_of(const std::optional<std::string>& text,
                 const std::vector<const AlgorithmInfo*>& models, bool lists_alone) {
  const Metric metric =
      text ? parse_metric(*text) : usual_metric(models, lists_alone, RankingOptions().k);
  for (const AlgorithmInfo* const model : models) check_metric(metric, *model, lists_alone);
  return metric;
}

struct DeviceChoice {
  std::string device;
  int threads = 0;
};

std::unique_ptr<Device> open(const DeviceChoice& choice, const Observer& observer) {
  DeviceOptions options = device_options(choice.device, choice.threads);
  options.should_stop = observer.should_stop;
  return open_device(options);
}

nb::object rows_of(const TextRows& rows) { return nb::cast(rows); }

nb::dict cross_validate_model(const Dataset& data, const Partition& folds, const std::string& model,
                              const nb::dict& settings, std::uint64_t seed, std::optional<int> k,
                              std::optional<float> relevance, const std::string& candidates,
                              const std::string& device, int threads, const nb::object& on_epoch) {
  const TrainOptions options = train_options(model, settings, seed);
  const auto ranking = ranking_options(k, relevance, candidates, seed);
  Interrupts interrupts;
  CurveRecorder curve;
  const Observer own = interrupts.observer(on_epoch, nb::none());
  const Observer observer = curve.listen(own);
  std::string page;
  const auto results = without_gil(interrupts, [&] {
    const auto opened = open({device, threads}, own);
    auto folded = cross_validate(*opened, data, folds, options, observer, ranking);
    Report report("Cross-validation of " + options.model() + " on " + data_name(data),
                  "tusk.cross_validate()", opened->name());
    report.add_cross_validation(options.model(), folds, folded, curve.curve());
    page = report.html();
    return folded;
  });
  interrupts.rethrow();
  nb::list by_fold;
  for (std::size_t f = 0; f < results.size(); ++f)
    by_fold.append(from_json(fold_json(results[f], f)));
  nb::dict all;
  all["folds"] = by_fold;
  all["result"] = from_json(cross_validation_json(results, folds));
  all["table"] = rows_of(cross_validation_table(results));
  all["html"] = page;
  return all;
}

// (label, model, settings) of each that is compared.
using Compared = std::tuple<std::string, std::string, nb::dict>;

nb::dict compare_models(const Dataset& data, const Partition& folds,
                        const std::vector<Compared>& models, std::uint64_t seed,
                        const std::optional<std::string>& metric_text, std::optional<int> k,
                        std::optional<float> relevance, const std::string& candidates,
                        const std::string& device, int threads, const nb::object& on_epoch,
                        const nb::object& on_model) {
  Comparison comparison;
  std::vector<const AlgorithmInfo*> infos;
  for (const auto& [label, model, settings] : models) {
    ComparedModel& added = comparison.models.emplace_back();
    added.label = label;
    added.candidate.options = train_options(model, settings, seed);
    infos.push_back(&added.candidate.options.algorithm());
  }
  if (infos.empty()) throw UsageError("there is no model to compare");
  const bool lists_alone = data.report.implicit || folds.fold_in.any();
  comparison.metric = metric_of(metric_text, infos, lists_alone);
  comparison.ranking = ranking_of(comparison.metric, k, relevance, candidates, seed);
  comparison.folds = folds;
  Interrupts interrupts;
  const Observer observer = interrupts.observer(on_epoch, nb::none());
  std::string page;
  without_gil(interrupts, [&] {
    const auto opened = open({device, threads}, observer);
    for (ComparedModel& model : comparison.models) {
      if (!on_model.is_none()) interrupts.call([&] { return nb::object(on_model(model.label)); });
      model.measure(*opened, data, folds, comparison.ranking, observer);
    }
    comparison.order_and_test();
    Report report("Comparing models on " + data_name(data), "tusk.compare()", opened->name());
    report.add_comparison(comparison);
    page = report.html();
  });
  interrupts.rethrow();
  nb::list by_model;
  for (std::size_t m = 0; m < comparison.models.size(); ++m) {
    by_model.append(from_json(model_json(comparison, m)));
  }
  nb::dict all;
  all["models"] = by_model;
  all["metric"] = to_string(comparison.metric);
  all["split"] = folds.description;
  all["table"] = rows_of(model_table(comparison));
  all["html"] = page;
  return all;
}

SearchSpec search_spec(const CandidateParser& parser, const std::vector<std::string>& space,
                       bool grid, std::size_t trials) {
  SearchSpec spec;
  for (const std::string& range : space) spec.space.add(ParameterRange(range));
  spec.grid = grid;
  spec.trials = trials;
  spec.space = parser.typed(spec.space);
  if (spec.space.empty()) {
    parser.parse({});
  } else {
    parser.plan(spec, 1);
  }
  return spec;
}

Settings given_settings(const nb::dict& settings) {
  Settings given;
  for (const auto& [key, value] : settings) {
    std::string name = nb::cast<std::string>(nb::str(key));
    std::replace(name.begin(), name.end(), '_', '-');
    std::string text = nb::cast<std::string>(nb::str(value));
    if (PyBool_Check(value.ptr())) text = nb::cast<bool>(value) ? "true" : "false";
    given.emplace_back(std::move(name), std::move(text));
  }
  return given;
}

// What is searched, as Python asks for it.
struct Search {
  CandidateParser parser;
  TuningOptions options;
};

Search search_of(const Dataset& data, const Partition& folds, const std::string& model,
                 const nb::dict& settings, const std::vector<std::string>& space, bool grid,
                 std::size_t trials, bool halving, std::uint64_t seed,
                 const std::optional<std::string>& metric_text, std::optional<float> relevance,
                 const std::string& candidates) {
  Search search{{train_options(model, settings, seed), {}, given_settings(settings)}, {}};
  const bool lists_alone = data.report.implicit || folds.fold_in.any();
  const Metric metric = metric_of(metric_text, {&search.parser.model()}, lists_alone);
  TuningOptions& options = search.options;
  options.trials = search_spec(search.parser, space, grid, trials);
  options.ranking = ranking_of(metric, std::nullopt, relevance, candidates, seed);
  options.search = {metric, options.ranking.value_or(RankingOptions()), halving};
  options.seed = seed;
  return search;
}

// Trials that other processes train: `run` is called with (number, settings) of those that are
// left, a function that takes trials as they end, as JSON, and one that says whether to stop.
std::vector<Trial> run_elsewhere(Interrupts& interrupts, const nb::object& run,
                                 const SearchWork& work) {
  std::map<std::size_t, Trial> ended;
  for (const Trial& trial : work.known) ended.emplace(trial.candidate, trial);
  interrupts.call([&] {
    nb::list left;
    for (std::size_t c = 0; c < work.candidates.size(); ++c) {
      if (ended.contains(c)) continue;
      nb::dict settings;
      for (const auto& [name, value] : work.settings[c]) settings[name.c_str()] = value;
      left.append(nb::make_tuple(c, settings));
    }
    const auto take = [&](const std::vector<std::string>& texts) {
      std::vector<Trial> added;
      for (const std::string& text : texts) {
        Trial trial = trial_from_state(Json::parse(text));
        if (ended.emplace(trial.candidate, trial).second) added.push_back(std::move(trial));
      }
      const nb::gil_scoped_release released;
      work.on_trials(added);
    };
    const auto stops = [&] { return work.observer.stops(); };
    return nb::object(run(left, nb::cpp_function(take), nb::cpp_function(stops)));
  });
  std::vector<Trial> all;
  for (auto& [candidate, trial] : ended) all.push_back(std::move(trial));
  return all;
}

// What the bits of trials depend on.
std::string identity_of(const Device& device) {
  std::string name(device.name());
  if (name == "cpu" && device.bits() != "fma") name += " " + std::string(device.bits());
  return name;
}

// (device, trials as JSON): those of a search that have these numbers.
nb::tuple train_trials(const Dataset& data, const Partition& folds, const std::string& model,
                       const nb::dict& settings, const std::vector<std::string>& space, bool grid,
                       std::size_t trials, bool halving, std::uint64_t seed,
                       const std::optional<std::string>& metric_text,
                       std::optional<float> relevance, const std::string& candidates,
                       const std::string& device, int threads,
                       const std::vector<std::size_t>& numbers) {
  Search search = search_of(data, folds, model, settings, space, grid, trials, halving, seed,
                            metric_text, relevance, candidates);
  Interrupts interrupts;
  const Observer observer = interrupts.observer(nb::none(), nb::none());
  std::string identity;
  std::vector<Trial> trained = without_gil(interrupts, [&] {
    const auto opened = open({device, threads}, observer);
    identity = identity_of(*opened);
    search.options.run = [&](const SearchWork& work) {
      std::vector<Candidate> chosen;
      for (const std::size_t number : numbers) chosen.push_back(work.candidates[number]);
      auto ended =
          tusk::search(*opened, data, work.folds, chosen, {}, work.options, {}, work.observer);
      for (Trial& trial : ended) trial.candidate = numbers[trial.candidate];
      return ended;
    };
    return Tuning(*opened, data, search.parser, {folds}, search.options)
        .search(0, {}, observer)
        .trials;
  });
  interrupts.rethrow();
  nb::list texts;
  for (const Trial& trial : trained) texts.append(json_line(trial_state(trial)));
  return nb::make_tuple(identity, texts);
}

nb::dict tune_model(const Dataset& data, const Partition& folds, const std::string& model,
                    const nb::dict& settings, const std::vector<std::string>& space, bool grid,
                    std::size_t trials, bool halving, std::uint64_t seed,
                    const std::optional<std::string>& metric_text, std::optional<float> relevance,
                    const std::string& candidates, const std::string& device, int threads,
                    std::optional<double> budget, const std::string& state,
                    const nb::object& on_progress, const nb::object& run) {
  auto [parser, options] = search_of(data, folds, model, settings, space, grid, trials, halving,
                                     seed, metric_text, relevance, candidates);
  const Metric metric = options.search.metric;
  options.budget = budget;
  options.state = state;
  Interrupts interrupts;
  if (!run.is_none()) {
    options.run = [&](const SearchWork& work) { return run_elsewhere(interrupts, run, work); };
  }
  const Observer observer = interrupts.observer(nb::none(), on_progress);
  std::optional<SearchOutcome> outcome;
  std::unique_ptr<OpenModel> best;
  std::string page;
  without_gil(interrupts, [&] {
    const auto opened = open({device, threads}, observer);
    options.device = identity_of(*opened);
    Tuning tuning(*opened, data, parser, {folds}, options);
    outcome = tuning.search(0, {}, observer);
    if (outcome->ranked.empty()) return;
    // Stopped, it has the trials that have ended, and no model.
    if (!interrupts.stopped()) {
      if (outcome->folds.test.any()) tuning.measure_folds(*outcome, false, observer);
      Model trained = tuning.train_best(*outcome, observer);
      store_search(trained.metadata, *outcome);
      best = std::make_unique<OpenModel>(std::move(trained), device_options(device, threads));
    }
    Report report("Tuning " + parser.model().name + " on " + data_name(data), "tusk.tune()",
                  opened->name());
    report.add_searches({*outcome}, {"tusk.tune()"});
    page = report.html();
  });
  interrupts.rethrow_unless_interrupt();
  if (outcome->ranked.empty()) {
    interrupts.rethrow();
    throw UsageError("no trial has ended: all diverged, or the budget was too small");
  }
  nb::list by_trial;
  for (const Trial& trial : outcome->trials)
    by_trial.append(from_json(trial_json(*outcome, trial)));
  Json result = Json::object();
  add_search(result, *outcome);
  nb::dict chosen;
  for (const auto& [name, value] : outcome->best_options) chosen[name.c_str()] = value;
  nb::dict all;
  all["trials"] = by_trial;
  all["result"] = from_json(result);
  all["best"] = chosen;
  all["metric"] = to_string(metric);
  all["table"] = rows_of(trial_table(*outcome, outcome->ranked.size()));
  all["interrupted"] = interrupts.stopped();
  all["model"] = best ? nb::cast(best.release(), nb::rv_policy::take_ownership) : nb::none();
  all["html"] = page;
  return all;
}

// A page about a trained model and its data.
std::string model_page(OpenModel& model, const Dataset& data) {
  const nb::gil_scoped_release released;
  Device& device = model.device();
  Report report(model.model().algorithm().name + " on " + data_name(data), "tusk", device.name());
  report.add_data(data);
  report.add_model(device, model.model(), data, order_of(model.model()));
  return report.html();
}

}  // namespace

void bind_experiments(nb::module_& module) {
  module.def("cross_validate", &cross_validate_model, nb::arg("data"), nb::arg("folds"),
             nb::arg("model"), nb::arg("settings"), nb::arg("seed"), nb::arg("k").none(),
             nb::arg("relevance").none(), nb::arg("candidates"), nb::arg("device"),
             nb::arg("threads"), nb::arg("on_epoch").none());
  module.def("compare", &compare_models, nb::arg("data"), nb::arg("folds"), nb::arg("models"),
             nb::arg("seed"), nb::arg("metric").none(), nb::arg("k").none(),
             nb::arg("relevance").none(), nb::arg("candidates"), nb::arg("device"),
             nb::arg("threads"), nb::arg("on_epoch").none(), nb::arg("on_model").none());
  module.def("tune", &tune_model, nb::arg("data"), nb::arg("folds"), nb::arg("model"),
             nb::arg("settings"), nb::arg("space"), nb::arg("grid"), nb::arg("trials"),
             nb::arg("halving"), nb::arg("seed"), nb::arg("metric").none(),
             nb::arg("relevance").none(), nb::arg("candidates"), nb::arg("device"),
             nb::arg("threads"), nb::arg("budget").none(), nb::arg("state"),
             nb::arg("on_progress").none(), nb::arg("run").none());
  module.def("train_trials", &train_trials, nb::arg("data"), nb::arg("folds"), nb::arg("model"),
             nb::arg("settings"), nb::arg("space"), nb::arg("grid"), nb::arg("trials"),
             nb::arg("halving"), nb::arg("seed"), nb::arg("metric").none(),
             nb::arg("relevance").none(), nb::arg("candidates"), nb::arg("device"),
             nb::arg("threads"), nb::arg("numbers"));
  module.def("cpu_identity", [] { return identity_of(*open({"cpu", 1}, {})); });
  module.def("model_page", &model_page);
}

}  // namespace tusk::python
