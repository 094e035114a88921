#include "tune/search_run.hpp"

#include <algorithm>
#include <map>

namespace tusk {
namespace {

// What a training depends on: of two that differ in nothing else, one serves both.
TrainOptions key_of(TrainOptions options) {
  if (options.model == ModelKind::mf && !options.early_stopping) options.epochs = 0;
  return options;
}

}  // namespace

std::vector<SearchRun> plan_runs(std::span<const Candidate> candidates,
                                 std::span<const Trial> known) {
  std::vector<bool> is_known(candidates.size(), false);
  for (const Trial& trial : known) is_known.at(trial.candidate) = true;
  std::vector<SearchRun> runs;
  std::map<TrainOptions, std::size_t> run_of;
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    if (is_known[c]) continue;
    const TrainOptions& options = candidates[c].options;
    const auto [place, is_new] = run_of.emplace(key_of(options), runs.size());
    if (is_new) runs.push_back({options, {}});
    SearchRun& run = runs[place->second];
    run.options.epochs = std::max(run.options.epochs, options.epochs);
    run.watches.push_back({options.epochs, c});
  }
  for (SearchRun& run : runs) {
    std::stable_sort(run.watches.begin(), run.watches.end(),
                     [](const Watch& a, const Watch& b) { return a.epochs < b.epochs; });
  }
  return runs;
}

}  // namespace tusk
