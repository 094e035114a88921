#include <functional>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/train.hpp>

#include "support/thread_pool.hpp"
#include "train/items_of_part.hpp"
#include "train/popularity.hpp"
#include "train/rating_sample.hpp"

namespace tusk {

Model make_model(const Dataset& data, const Partition& split, FitResult fit, int threads) {
  if (std::ssize(split.label) != data.size()) {
    throw UsageError("the split is not one of these ratings");
  }
  const LabelSet part = split.train();
  SeenItems seen;
  std::vector<SampledRating> sample;
  Popularity popularity;
  const std::function<void()> passes[] = {
      [&] { seen = items_of_part(data, split.label, part); },
      [&] { popularity.rating = popular_ratings(data, split.label, part); },
      [&] { popularity.trend = measure_trend(data, split.label, part); },
      [&] { sample = sample_ratings(data, split.label, part); },
  };
  // Never stopped: an interrupted fit gives a model too.
  ThreadPool(threads).parallel_for(std::ssize(passes), [&](std::int64_t p, int) { passes[p](); });
  Model model(std::move(fit.state), std::move(seen), data.scale);
  model.users = data.users;
  model.items = data.items;
  model.catalogue = data.catalogue;
  model.rating_sample = std::move(sample);
  model.popularity = std::move(popularity);
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
