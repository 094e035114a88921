#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/train.hpp>

#include "train/fold_model.hpp"
#include "train/items_of_part.hpp"
#include "train/rating_sample.hpp"

namespace tusk {
Model make_model(const Dataset& data, const Split& split, FitResult fit) {
  if (std::ssize(split.label) != data.size()) {
    throw UsageError("the split is not one of these ratings");
  }
  SeenItems seen = items_of_part(data, split.label, split.train());
  Model model(std::move(fit.state), std::move(seen), data.scale);
  model.users = data.users;
  model.items = data.items;
  model.catalogue = data.catalogue;
  model.rating_sample = sample_ratings(data, split.label, split.train());
  model.metadata = std::move(fit.metadata);
  model.metadata["split"] = split.description;
  model.metadata["ratings_hash"] = dataset_hash(data);
  model.metadata["training_ratings"] = fmt::format("{}", fit.ratings);
  return model;
}

Model train(Backend& backend, const Dataset& data, const TrainOptions& options, const Split& split,
            const TrainHooks& hooks) {
  const Split whole = split.label.empty() ? make_split(data, {}, 0) : Split{};
  const Split& used = split.label.empty() ? whole : split;
  const LabelSet part = used.train();
  auto fits = fit(backend, data, used.label, {&part, 1}, options, hooks);
  return make_model(data, used, std::move(fits.front()));
}

std::vector<FoldResult> cross_validate(Backend& backend, const Dataset& data, const Folds& folds,
                                       const TrainOptions& options, const TrainHooks& hooks,
                                       const std::optional<RankingOptions>& ranking) {
  if (ranking) {
    check_ranking_options(*ranking);
    check_list_order(ranking->order, options.algorithm());
  }
  std::vector<LabelSet> train;
  for (std::size_t fold = 0; fold < folds.size(); ++fold) train.push_back(folds.train(fold));
  auto fits = fit(backend, data, folds.label, train, options, hooks);
  std::vector<FoldResult> results;
  if (fits.front().interrupted) throw Interrupted();
  for (std::size_t fold = 0; fold < folds.size(); ++fold) {
    FoldResult result;
    result.epochs = fits[fold].epochs;
    result.still_learning = fits[fold].still_learning;
    const Model model = fold_model(data, folds, fold, std::move(fits[fold]));
    const auto measure = [&](const LabelSet& part) {
      return evaluate(backend, model, select_ratings(data, folds.label, part));
    };
    if (hooks.should_stop && hooks.should_stop()) throw Interrupted();
    result.metrics = measure(folds.held_out[fold]);
    if (folds.test.any()) result.test = measure(folds.test);
    if (ranking) {
      const RatingList list = select_ratings(data, folds.label, folds.held_out[fold]);
      result.ranking = evaluate_ranking(backend, model, list, *ranking, {{}, hooks.should_stop});
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace tusk
