#include "tune/search_run.hpp"

#include <algorithm>

namespace tusk {
namespace {

// Whether one training serves both.
bool same_training(const TrainOptions& a, TrainOptions b) {
  const bool watched = a.model == ModelKind::mf && !a.early_stopping && !b.early_stopping;
  if (watched) b.epochs = a.epochs;
  return a == b;
}

}  // namespace

std::vector<SearchRun> plan_runs(std::span<const Candidate> candidates,
                                 std::span<const Trial> known) {
  std::vector<bool> is_known(candidates.size(), false);
  for (const Trial& trial : known) is_known.at(trial.candidate) = true;
  std::vector<SearchRun> runs;
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    if (is_known[c]) continue;
    const TrainOptions& options = candidates[c].options;
    auto run = std::find_if(runs.begin(), runs.end(),
                            [&](const SearchRun& r) { return same_training(r.options, options); });
    if (run == runs.end()) run = runs.insert(runs.end(), {options, {}});
    run->options.epochs = std::max(run->options.epochs, options.epochs);
    run->watches.push_back({options.epochs, c});
  }
  for (SearchRun& run : runs) {
    std::stable_sort(run.watches.begin(), run.watches.end(),
                     [](const Watch& a, const Watch& b) { return a.epochs < b.epochs; });
  }
  return runs;
}

}  // namespace tusk
