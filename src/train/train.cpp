#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/train.hpp>

#include "train/items_of_part.hpp"
#include "train/popularity.hpp"
#include "train/rating_sample.hpp"

namespace tusk {

Model make_model(const Dataset& data, const Partition& split, FitResult fit) {
  if (std::ssize(split.label) != data.size()) {
    throw UsageError("the split is not one of these ratings");
  }
  SeenItems seen = items_of_part(data, split.label, split.train());
  Model model(std::move(fit.state), std::move(seen), data.scale);
  model.users = data.users;
  model.items = data.items;
  model.catalogue = data.catalogue;
  model.rating_sample = sample_ratings(data, split.label, split.train());
  model.popularity = measure_popularity(data, split.label, split.train());
  model.metadata = std::move(fit.metadata);
  model.metadata["split"] = split.test.any() ? split.description : "none";
  model.metadata["ratings_hash"] = dataset_hash(data);
  if (data.report.implicit) model.metadata[kWeightsKey] = "true";
  model.metadata["training_ratings"] = fmt::format("{}", fit.ratings);
  return model;
}

Model train(Device& device, const Dataset& data, const TrainOptions& options,
            const Partition& split, const Observer& observer) {
  const Partition whole = split.label.empty() ? make_split(data, {}, 0) : Partition{};
  const Partition& used = split.label.empty() ? whole : split;
  const LabelSet part = used.train();
  auto fits = fit(device, data, used.label, {&part, 1}, options, observer);
  return make_model(data, used, std::move(fits.front()));
}

}  // namespace tusk
