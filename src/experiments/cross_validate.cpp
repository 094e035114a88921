#include <algorithm>
#include <cmath>

#include <tusk/error.hpp>
#include <tusk/search.hpp>
#include <tusk/train.hpp>

#include "train/fold_model.hpp"

namespace tusk {

std::vector<FoldResult> cross_validate(Device& device, const Dataset& data, const Partition& folds,
                                       const TrainOptions& options, const Observer& observer,
                                       const std::optional<RankingOptions>& ranking) {
  if (ranking) {
    check_ranking_options(*ranking);
    check_list_order(ranking->order, options.algorithm());
  }
  auto fits = fit_folds(device, data, folds, options, observer);
  std::vector<FoldResult> results;
  if (fits.front().interrupted) throw Interrupted();
  for (std::size_t fold = 0; fold < folds.fold_count(); ++fold) {
    FoldResult result;
    result.epochs = options.algorithm().capabilities.has_epochs ? fits[fold].epochs : 0;
    result.r_hat = largest_r_hat(fits[fold]);
    result.still_learning = fits[fold].still_learning;
    const Model model = fold_model(data, folds, fold, std::move(fits[fold]));
    const auto measure = [&](const LabelSet& part) {
      return evaluate_part(device, model, data, {folds.label, part, folds.fold_in});
    };
    observer.check_stop();
    result.metrics = measure(folds.held_out[fold]);
    if (folds.test.any()) result.test = measure(folds.test);
    if (ranking) {
      result.ranking = evaluate_ranking_of_part(device, model, data,
                                                {folds.label, folds.held_out[fold], folds.fold_in},
                                                *ranking, observer);
    }
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<RankingMetrics> rankings_of(std::span<const FoldResult> folds) {
  std::vector<RankingMetrics> rankings;
  for (const FoldResult& fold : folds) {
    if (fold.ranking) rankings.push_back(*fold.ranking);
  }
  return rankings;
}

std::vector<RankingMetrics> others_of(std::span<const RankingMetrics> folds, std::size_t other) {
  std::vector<RankingMetrics> others;
  for (const RankingMetrics& fold : folds) others.push_back(fold.others.at(other));
  return others;
}

std::int64_t folds_with_lists(std::span<const RankingMetrics> folds) {
  return std::count_if(folds.begin(), folds.end(), [](auto& fold) { return fold.users > 0; });
}

std::vector<RankingFigure> mean_figures(std::span<const RankingMetrics> folds) {
  std::vector<RankingFigure> means = ranking_figures(folds.front());
  for (std::size_t f = 0; f < means.size(); ++f) {
    std::vector<double> values;
    for (const RankingMetrics& fold : folds) values.push_back(ranking_figures(fold)[f].value);
    means[f].value = score(values).mean;
  }
  return means;
}

Spread spread(std::span<const FoldResult> folds, double (ErrorSums::*error)() const) {
  std::vector<double> values;
  for (const FoldResult& fold : folds) {
    if (fold.metrics.all.count > 0) values.push_back((fold.metrics.all.*error)());
  }
  const auto [mean, standard_error] = score(values);
  const auto count = static_cast<double>(values.size());
  return {mean, values.size() > 1 ? standard_error * std::sqrt(count) : std::nan("")};
}

double mean_calibration(std::span<const FoldResult> folds, const CalibrationFigure& figure) {
  std::vector<double> values;
  for (const FoldResult& fold : folds) {
    values.push_back((fold.metrics.calibration.*figure.value)());
  }
  return score(values).mean;
}

bool has_calibration(std::span<const FoldResult> folds) {
  return std::any_of(folds.begin(), folds.end(),
                     [](const FoldResult& fold) { return fold.metrics.calibration.count > 0; });
}

}  // namespace tusk
