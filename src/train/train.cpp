#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/train.hpp>

#include "model/knn_metadata.hpp"
#include "train/fold_model.hpp"
#include "train/items_of_part.hpp"
#include "train/rating_sample.hpp"
#include "train/train_options.hpp"

namespace tusk {
namespace {

std::map<std::string, std::string> describe(const Dataset& data, const Split& split,
                                            const FitResult& fit, const TrainOptions& options) {
  std::map<std::string, std::string> about;
  const auto put = [&](const char* key, const auto& value) {
    about[key] = fmt::format("{}", value);
  };
  put("split", split.description);
  put("ratings_hash", dataset_hash(data));
  put("training_ratings", fit.ratings);
  const bool biased =
      options.model == ModelKind::bias || (fit.knn && needs_baseline(fit.knn->params));
  if (biased) put("user_damping", options.bias.user_damping);
  if (biased || options.model == ModelKind::popular) {
    put("item_damping", options.bias.item_damping);
  }
  if (fit.knn) about.merge(to_metadata(fit.knn->params));
  if (options.model != ModelKind::mf) return about;
  const MfParams& mf = fit.params;
  put("factors", mf.factors);
  put("biased", mf.biased);
  put("user_learning_rate", mf.user_learning_rate);
  put("item_learning_rate", mf.item_learning_rate);
  put("bias_learning_rate", mf.bias_learning_rate);
  put("user_regularization", mf.user_regularization);
  put("item_regularization", mf.item_regularization);
  put("bias_regularization", mf.bias_regularization);
  put("init_std", mf.init_std);
  put("seed", mf.seed);
  if (!fit.bits.empty()) put("cpu_kernels", fit.bits);
  put("schedule", to_string(options.schedule));
  if (options.schedule != Schedule::constant) put("decay", options.decay);
  put("epochs", fit.epochs);
  if (fit.interrupted) put("interrupted", true);
  if (options.early_stopping) {
    put("early_stop", options.early_stopping->patience);
    put("holdout", options.early_stopping->holdout);
    put("refit", fit.refitted);
  }
  if (fit.validation_rmse) put("validation_rmse", *fit.validation_rmse);
  return about;
}

}  // namespace

Model make_model(const Dataset& data, const Split& split, FitResult fit,
                 const TrainOptions& options) {
  if (std::ssize(split.label) != data.size()) {
    throw UsageError("the split is not one of these ratings");
  }
  SeenItems seen = items_of_part(data, split.label, split.train());
  auto metadata = describe(data, split, fit, options);
  Model model(options.model, std::move(fit.state), std::move(seen), data.scale, std::move(fit.knn));
  model.users = data.users;
  model.items = data.items;
  model.catalogue = data.catalogue;
  model.rating_sample = sample_ratings(data, split.label, split.train());
  model.metadata = std::move(metadata);
  return model;
}

Model train(Backend& backend, const Dataset& data, const TrainOptions& options, const Split& split,
            const TrainHooks& hooks) {
  const Split whole = split.label.empty() ? make_split(data, {}, 0) : Split{};
  const Split& used = split.label.empty() ? whole : split;
  const LabelSet part = used.train();
  auto fits = fit(backend, data, used.label, {&part, 1}, options, hooks);
  return make_model(data, used, std::move(fits.front()), options);
}

std::vector<FoldResult> cross_validate(Backend& backend, const Dataset& data, const Folds& folds,
                                       const TrainOptions& options, const TrainHooks& hooks,
                                       const std::optional<RankingOptions>& ranking) {
  if (ranking) {
    check_ranking_options(*ranking);
    check_list_order(ranking->order, options.model);
  }
  std::vector<LabelSet> train;
  for (std::size_t fold = 0; fold < folds.size(); ++fold) train.push_back(folds.train(fold));
  auto fits = fit(backend, data, folds.label, train, options, hooks);
  std::vector<FoldResult> results;
  if (fits.front().interrupted) throw Interrupted();
  for (std::size_t fold = 0; fold < folds.size(); ++fold) {
    const int epochs = fits[fold].epochs;
    const Model model =
        fold_model(data, folds, fold, options.model, std::move(fits[fold].state), fits[fold].knn);
    const auto measure = [&](const LabelSet& part) {
      return evaluate(backend, model, select_ratings(data, folds.label, part));
    };
    if (hooks.should_stop && hooks.should_stop()) throw Interrupted();
    FoldResult result;
    result.metrics = measure(folds.held_out[fold]);
    if (folds.test.any()) result.test = measure(folds.test);
    if (ranking) {
      const RatingList list = select_ratings(data, folds.label, folds.held_out[fold]);
      result.ranking = evaluate_ranking(backend, model, list, *ranking, {{}, hooks.should_stop});
    }
    result.epochs = epochs;
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace tusk
