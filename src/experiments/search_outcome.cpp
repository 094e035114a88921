#include <algorithm>

#include <tusk/search_outcome.hpp>

namespace tusk {

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

}  // namespace tusk
