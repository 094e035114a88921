#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/models.hpp>
#include <tusk/train.hpp>
#include <tusk/update.hpp>

#include "backend/backend.hpp"
#include "models/algorithm.hpp"
#include "models/metadata_options.hpp"
#include "models/priors.hpp"
#include "train/bias_model.hpp"
#include "train/fold_ratings.hpp"
#include "train/merged_ratings.hpp"
#include "train/popularity.hpp"
#include "train/warm_epochs.hpp"

namespace tusk {
namespace {

// The options that a model was trained with; a file of an earlier version has them one by one.
TrainOptions options_of(const Model& model) {
  if (const auto kept = model.options()) return *kept;
  return options_from_metadata(model.algorithm(), model.metadata);
}

// All ratings, of a model that keeps its own.
Dataset all_ratings(const Model& model, const MergedRatings& merged) {
  Dataset data;
  data.users = merged.users.ids;
  data.items = merged.items.ids;
  data.offset = merged.all.offset;
  data.item = merged.all.column;
  data.rating = merged.all.value;
  data.scale = model.scale();
  data.report.implicit = model.of_weights();
  data.catalogue = merged.catalogue;
  return data;
}

FitResult train_again(Backend& backend, const Model& model, const MergedRatings& merged,
                      const Dataset& data) {
  const std::vector<Label> label(data.rating.size(), 0);
  const LabelSet part = only(0);
  const Observer observer;
  const EarlierModel earlier{model.learned(), merged.items.of_model};
  FitContext context{backend, data, label, observer};
  context.earlier = &earlier;
  if (model.learned().uses_times()) {
    throw UsageError("a model with " + option_name("time") +
                     " does not keep the times of its ratings: train it again on all of them");
  }
  const TrainOptions options = options_of(model);
  FitResult result = options.implementation().fit(context, options, {&part, 1}).front();
  if (result.interrupted) throw Interrupted();
  return result;
}

std::shared_ptr<const ModelState> folded_state(Backend& backend, const Model& model,
                                               const MergedRatings& merged, int epochs) {
  auto priors = priors_of(model);
  MfState state = fold_ratings(backend, model.state(), *priors, merged);
  if (epochs > 0) {
    warm_epochs(backend, state, merged.fresh.view(), model.metadata, model.scale(), epochs);
  }
  if (state.factors == 0) priors = nullptr;  // they follow from the options
  return make_dot_state(model.algorithm().name, std::move(state), std::move(priors));
}

// The damped means of the items' ratings when the new ones have joined.
std::vector<float> updated_ratings(const Model& model, const MergedRatings& merged) {
  const std::vector<float>& before = model.popularity.rating;
  const auto items = static_cast<std::size_t>(merged.items.ids.size());
  const double damping = PopularOptions().item_damping;
  std::vector<double> count(items, damping);
  std::vector<double> rating(items, model.state().mean);
  for (std::size_t i = 0; i < before.size(); ++i) {
    rating[static_cast<std::size_t>(merged.items.of_model[i])] = before[i];
  }
  for (const Index item : merged.old.column) count[static_cast<std::size_t>(item)] += 1;
  for (std::size_t k = 0; k < merged.fresh.column.size(); ++k) {
    const auto item = static_cast<std::size_t>(merged.fresh.column[k]);
    count[item] += 1;
    rating[item] += (merged.fresh.value[k] - rating[item]) / count[item];
  }
  return {rating.begin(), rating.end()};
}

// The sampled training ratings, with those that the data replace.
std::vector<SampledRating> updated_sample(const Model& model, const MergedRatings& merged) {
  const CsrView all = merged.all.view();
  std::vector<SampledRating> sample;
  for (SampledRating one : model.rating_sample) {
    one.user = merged.users.of_model[static_cast<std::size_t>(one.user)];
    one.item = merged.items.of_model[static_cast<std::size_t>(one.item)];
    if (!all.value.empty()) {
      const auto row = all.row(one.user);
      const auto place = std::lower_bound(row.begin(), row.end(), one.item) - row.begin() +
                         all.offset[static_cast<std::size_t>(one.user)];
      one.rating = all.value[static_cast<std::size_t>(place)];
    }
    sample.push_back(one);
  }
  return sample;
}

std::map<std::string, std::string> updated_metadata(const Model& model, const UpdateReport& report,
                                                    std::size_t ratings) {
  std::map<std::string, std::string> metadata = model.metadata;
  // What was hashed and measured, and how the model was chosen, is no longer of this model.
  std::erase_if(metadata, [](const auto& entry) {
    const std::string& key = entry.first;
    return key == "ratings_hash" || key == "validation_rmse" || key == "interrupted" ||
           key == "search" || key.starts_with("test_") || key.starts_with("ranking") ||
           key.starts_with("selection_") || key.starts_with("r_hat_");
  });
  metadata["training_ratings"] = fmt::format("{}", ratings);
  std::int64_t joined = report.ratings;
  if (const auto earlier = metadata.find("updated_ratings"); earlier != metadata.end()) {
    joined += std::strtoll(earlier->second.c_str(), nullptr, 10);
  }
  metadata["updated_ratings"] = fmt::format("{}", joined);
  metadata["split"] = "none: updated";
  return metadata;
}

}  // namespace

Model update_model(Device& device, const Model& model, const Dataset& data,
                   const UpdateOptions& options, UpdateReport* report) {
  Backend& backend = backend_of(device);
  if (options.epochs < 0) {
    throw UsageError(fmt::format("{} epochs asked for; it must be 0 or more", options.epochs));
  }
  if (options.epochs > 0 && model.state().factors == 0) {
    throw UsageError(
        fmt::format("epochs are for models with factors; {} has none", model.algorithm().name));
  }
  UpdateReport counted;
  const MergedRatings merged = merge_ratings(model, data, counted);
  std::shared_ptr<const ModelState> learned;
  std::map<std::string, std::string> training;  // what is said of it where all is trained again
  Popularity popularity;
  if (model.of_weights() && model.algorithm().capabilities.one_list_for_all) {
    MfState counts = fit_counts(merged.users.ids.size(), user_counts(merged.all.view()));
    popularity.rating = counts.item_bias;
    learned = make_dot_state(model.algorithm().name, std::move(counts));
  } else if (!model.ratings().value.empty()) {
    const Dataset all = all_ratings(model, merged);
    FitResult again = train_again(backend, model, merged, all);
    learned = std::move(again.state);
    training = std::move(again.metadata);
    const std::vector<Label> label(all.rating.size(), 0);
    popularity = {popular_ratings(all, label, only(0)), measure_trend(all, label, only(0))};
  } else {
    learned = folded_state(backend, model, merged, options.epochs);
    if (model.of_weights()) {
      popularity.rating = user_counts(merged.all.view());
    } else if (!model.popularity.rating.empty()) {
      popularity.rating = updated_ratings(model, merged);
    }
  }
  popularity.trend = updated_trend(model, merged, !data.timestamp.empty());
  SeenItems seen{merged.all.offset, merged.all.column, merged.all.columns};
  const std::size_t ratings = seen.item.size();
  Model result(std::move(learned), std::move(seen), model.scale());
  result.popularity = std::move(popularity);
  result.metadata = updated_metadata(model, counted, ratings);
  for (auto& [key, value] : training) result.metadata[key] = std::move(value);
  result.rating_sample = updated_sample(model, merged);
  result.users = merged.users.ids;
  result.items = merged.items.ids;
  result.catalogue = merged.catalogue;
  if (report != nullptr) *report = counted;
  return result;
}

}  // namespace tusk
