#include "train/search_run.hpp"

#include <algorithm>
#include <map>

#include "models/algorithm.hpp"

namespace tusk {
std::vector<SearchRun> plan_runs(std::span<const Candidate> candidates,
                                 std::span<const Trial> known) {
  std::vector<bool> is_known(candidates.size(), false);
  for (const Trial& trial : known) is_known.at(trial.candidate) = true;
  std::vector<SearchRun> runs;
  std::map<TrainOptions, std::size_t> run_of;
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    if (is_known[c]) continue;
    const TrainOptions& options = candidates[c].options;
    const int epochs = options.implementation().fixed_epochs(options).value_or(0);
    // What a training depends on: of two that differ in nothing else, one serves both.
    TrainOptions key = options;
    if (epochs > 0) key.set("epochs", std::int64_t{1});
    const auto [place, is_new] = run_of.emplace(std::move(key), runs.size());
    if (is_new) runs.push_back({options, {}});
    SearchRun& run = runs[place->second];
    const auto& watches = run.watches;
    if (std::all_of(watches.begin(), watches.end(),
                    [&](const Watch& watch) { return watch.epochs < epochs; })) {
      run.options = options;
    }
    run.watches.push_back({epochs, c});
  }
  for (SearchRun& run : runs) {
    std::stable_sort(run.watches.begin(), run.watches.end(),
                     [](const Watch& a, const Watch& b) { return a.epochs < b.epochs; });
  }
  return runs;
}

}  // namespace tusk
