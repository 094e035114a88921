#include "train/search_context.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "train/rating_moments.hpp"

namespace tusk {

SearchContext::SearchContext(Backend& backend_in, const Dataset& data_in, const Partition& folds_in,
                             std::span<const Candidate> candidates, std::span<const Trial> known,
                             const SearchOptions& options_in, const OnTrials& on_trials_in,
                             const Observer& observer_in)
    : backend(backend_in),
      data(data_in),
      folds(folds_in),
      options(options_in),
      on_trials(on_trials_in),
      observer(observer_in),
      candidates_(candidates),
      ended_(known.begin(), known.end()) {
  for (std::size_t f = 0; f < folds.fold_count(); ++f) {
    const LabelSet part = folds.train(f);
    held_out_.push_back(select_ratings(data, folds.label, folds.held_out[f]));
    moments_.push_back(
        {mean_rating(data, folds.label, part), rating_spread(data, folds.label, part)});
  }
}

void SearchContext::report_progress(int epoch, double ratings_per_second) const {
  observer.report({ended_.size(), candidates_.size(), epoch, ratings_per_second, trainer});
}

void SearchContext::add(std::vector<Trial> trials) {
  if (trials.empty()) return;
  if (on_trials) on_trials(trials);
  add_unfinished(std::move(trials));
}

void SearchContext::add_unfinished(std::vector<Trial> trials) {
  ended_.insert(ended_.end(), std::make_move_iterator(trials.begin()),
                std::make_move_iterator(trials.end()));
}

std::vector<Trial> SearchContext::trials() const {
  std::vector<Trial> all = ended_;
  std::stable_sort(all.begin(), all.end(),
                   [](const Trial& a, const Trial& b) { return a.candidate < b.candidate; });
  return all;
}

std::vector<std::optional<ListMetrics>> SearchContext::judge_lists(std::size_t fold,
                                                                   const Model& model,
                                                                   std::span<const Watch> watches) {
  std::vector<std::optional<ListMetrics>> lists(watches.size());
  if (!options.metric.of_lists()) return lists;
  for (std::size_t w = 0; w < watches.size(); ++w) {
    RankingOptions ranking = options.ranking;
    ranking.k = options.metric.k;
    ranking.order = candidates_[watches[w].candidate].order;
    const RankingMetrics metrics =
        evaluate_ranking_of_part(backend, model, data, part(fold), ranking, observer.silent());
    if (metrics.users == 0) folds_without_figure_.insert(fold);
    if (folds_without_figure_.size() == folds.fold_count()) {
      throw InputError(fmt::format("in no fold a user has a relevant rating to judge lists by ({})",
                                   relevance_text(metrics.options.relevance)));
    }
    lists[w] = metrics.mean;
  }
  return lists;
}

}  // namespace tusk
