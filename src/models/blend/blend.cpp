#include "models/blend/blend.hpp"

#include <numeric>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/evaluate.hpp>

#include "data/draw_labels.hpp"
#include "models/blend/blend_state.hpp"
#include "models/metadata_options.hpp"
#include "models/parameter_table.hpp"
#include "support/philox.hpp"
#include "train/fold_model.hpp"
#include "train/items_of_part.hpp"
#include "train/rating_moments.hpp"

namespace tusk {
namespace {

constexpr int kMostInnerFolds = 50;

std::vector<Parameter> blend_parameters() {
  ParameterTable<BlendOptions> table("Blends");
  Parameter& parts = table.add_text("parts", TUSK_OPTION(parts),
                                    "models whose predictions are summed up, separated by commas, "
                                    "each with parameters of its own "
                                    "behind colons: bayes:factors=16,item-knn:k=60");
  parts.aliases = {"blend-of"};
  table.add("inner-folds", TUSK_OPTION(inner_folds), from_to(2, kMostInnerFolds),
            "parts of the training ratings that take turns in being predicted by models that were "
            "not trained on them, by which the weights are found");
  table.add("ridge", TUSK_OPTION(ridge), from(0),
            "how many ratings' worth weights are drawn to one over the number of {parts}");
  return table.take();
}

// Inner folds of a part of the ratings, beside which nothing is trained on.
Partition inner_folds(const FitContext& context, const LabelSet& part, int count,
                      std::uint64_t seed) {
  const auto ratings = static_cast<std::uint32_t>(count_ratings(context.label, part));
  const auto folds = static_cast<std::uint32_t>(count);
  if (ratings < 2 * folds) {
    throw InputError({context.data.source.string(), 0, 0}, "too few ratings for inner folds",
                     fmt::format("{} or more", 2 * folds));
  }
  std::vector<std::uint32_t> sizes;
  for (std::uint32_t f = 0; f < folds; ++f) {
    sizes.push_back(ratings / folds + (f < ratings % folds ? 1 : 0));
  }
  // Parts draw their inner hold-outs from stream 0.
  RandomSequence random(seed, random_stream(RandomUse::holdout, 1));
  const std::vector<Label> drawn = draw_labels(std::move(sizes), random);
  Partition inner;
  inner.labels = count + 1;
  inner.label.assign(context.label.size(), static_cast<Label>(count));
  auto next = drawn.begin();
  for (std::size_t at = 0; at < inner.label.size(); ++at) {
    if (part.test(context.label[at])) inner.label[at] = *next++;
  }
  for (int f = 0; f < count; ++f)
    inner.held_out.push_back(LabelSet().set(static_cast<std::size_t>(f)));
  inner.test.set(static_cast<std::size_t>(count));
  return inner;
}

// The ratings of all inner folds, and what a part predicts of them in the same order.
class OutOfFold {
 public:
  OutOfFold(const FitContext& context, const Partition& folds) : context_(context), folds_(folds) {
    for (const LabelSet& fold : folds.held_out) {
      lists_.push_back(select_ratings(context.data, folds.label, fold));
      rating_.insert(rating_.end(), lists_.back().rating.begin(), lists_.back().rating.end());
    }
  }

  const std::vector<float>& ratings() const { return rating_; }

  std::vector<float> predictions(const TrainOptions& options) const {
    auto fits = fit_folds(context_.backend, context_.data, folds_, options, context_.observer);
    std::vector<float> all;
    for (std::size_t f = 0; f < fits.size(); ++f) {
      if (fits[f].interrupted) throw Interrupted();
      const Model model = fold_model(context_.data, folds_, f, std::move(fits[f]));
      const auto predictor = model.open(context_.backend);
      const RatingList& list = lists_[f];
      for (const Prediction& one : predictor->predict_at(list.user, list.item, list.time)) {
        all.push_back(one.rating);
      }
    }
    return all;
  }

 private:
  const FitContext& context_;
  const Partition& folds_;
  std::vector<RatingList> lists_;  // by fold
  std::vector<float> rating_;
};

class Blend : public Algorithm {
 public:
  const AlgorithmInfo& info() const override {
    static const AlgorithmInfo info = {std::string(BlendOptions::kModel),
                                       "a weighted sum of the predictions of several models",
                                       {"stacking"},
                                       {.uses_gpu = true},
                                       blend_parameters()};
    return info;
  }
  std::any defaults() const override { return BlendOptions(); }

  void check(const TrainOptions& options) const override {
    blend_parts(options.as<BlendOptions>(), options.seed);
  }

  std::shared_ptr<const ModelState> load(const SafetensorsReader& reader, MfState base,
                                         const SeenItems& seen) const override {
    return load_blend(reader, std::move(base), seen);
  }

  std::vector<FitResult> fit(const FitContext& context, const TrainOptions& options,
                             std::span<const LabelSet> train) const override {
    if (context.data.report.implicit) {
      throw UsageError("a blend is of predicted ratings; weights are none");
    }
    std::vector<FitResult> results;
    for (const LabelSet& part : train) results.push_back(fit_one(context, options, part));
    return results;
  }

 private:
  static FitResult fit_one(const FitContext& context, const TrainOptions& options,
                           const LabelSet& train) {
    const auto& own = options.as<BlendOptions>();
    const auto parts = blend_parts(own, options.seed);
    const auto names = part_names(parts);
    const Partition folds = inner_folds(context, train, own.inner_folds, options.seed);
    const OutOfFold inner(context, folds);
    std::vector<std::vector<float>> predictions;
    for (const TrainOptions& part : parts) predictions.push_back(inner.predictions(part));
    BlendWeights weights = ridge_weights(predictions, inner.ratings(), own.ridge);

    FitResult result;
    result.ratings = count_ratings(context.label, train);
    add_metadata(options, result.metadata);
    result.metadata["seed"] = fmt::format("{}", options.seed);
    std::vector<ModelPart> trained;
    for (std::size_t p = 0; p < parts.size(); ++p) {
      FitResult fitted = fit_part(context, parts[p], trained.size(), train);
      if (fitted.interrupted) throw Interrupted();
      for (const auto& [of, value] : fitted.r_hat) result.r_hat[names[p] + ' ' + of] = value;
      result.metadata["weight_" + names[p]] = fmt::format("{:.4f}", weights.weight[p]);
      trained.push_back({names[p], std::move(fitted.state), std::move(fitted.metadata)});
    }
    MfState base;
    base.users = context.data.users.size();
    base.items = context.data.items.size();
    base.biased = false;
    base.mean = mean_rating(context.data, context.label, train);
    std::vector<float> ratings;
    if (!context.measured_only) ratings = ratings_of_part(context.data, context.label, train);
    result.state = std::make_shared<BlendState>(std::move(base), std::move(trained),
                                                std::move(weights), std::move(ratings));
    return result;
  }

  static FitResult fit_part(const FitContext& whole, const TrainOptions& options, std::size_t part,
                            const LabelSet& train) {
    FitContext context{whole.backend, whole.data, whole.label, whole.observer};
    context.measured_only = whole.measured_only;
    if (whole.earlier == nullptr) {
      return std::move(options.implementation().fit(context, options, {&train, 1}).front());
    }
    const ModelState& state = *whole.earlier->state.parts().at(part).state;
    const EarlierModel earlier{state, whole.earlier->item};
    context.earlier = &earlier;
    return std::move(options.implementation().fit(context, options, {&train, 1}).front());
  }
};

}  // namespace

const Algorithm& blend_algorithm() {
  static const Blend algorithm;
  return algorithm;
}

}  // namespace tusk
