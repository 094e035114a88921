#include <functional>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/train.hpp>

#include "distributed/collectives.hpp"
#include "support/thread_pool.hpp"
#include "train/items_of_part.hpp"
#include "train/popularity.hpp"
#include "train/rating_sample.hpp"

namespace tusk {

namespace {

// What a model has of the ratings beside its state.
struct OfRatings {
  SeenItems seen;
  std::vector<SampledRating> sample;
  Popularity popularity;
  std::string hash;
};

// Of several processes the first has all of it.
OfRatings take_from(const Dataset& data, const Partition& split, int threads) {
  if (std::ssize(split.label) != data.size()) {
    throw UsageError("the split is not one of these ratings");
  }
  const LabelSet part = split.train();
  OfRatings of;
  const std::function<void()> passes[] = {
      [&] { of.seen = items_of_part(data, split.label, part); },
      [&] { of.popularity.rating = popular_ratings(data, split.label, part); },
      [&] { of.popularity.trend = measure_trend(data, split.label, part); },
      [&] { of.sample = sample_ratings(data, split.label, part); },
      [&] { of.hash = dataset_hash(data); },
  };
  if (data.processes) {
    // Each at the same time as on the other processes.
    for (const auto& pass : passes) pass();
  } else {
    // Never stopped: an interrupted fit gives a model too.
    ThreadPool(threads).parallel_for(std::ssize(passes), [&](std::int64_t p, int) { passes[p](); });
  }
  return of;
}

Model put_together(const Dataset& data, const Partition& split, FitResult fit, OfRatings of) {
  Model model(std::move(fit.state), std::move(of.seen), data.scale);
  model.users = data.users;
  model.items = data.items;
  model.catalogue = data.catalogue;
  model.rating_sample = std::move(of.sample);
  model.popularity = std::move(of.popularity);
  model.metadata = std::move(fit.metadata);
  model.metadata["split"] = split.test.any() ? split.description : "none";
  model.metadata["ratings_hash"] = std::move(of.hash);
  if (data.report.implicit) model.metadata[kWeightsKey] = "true";
  model.metadata["training_ratings"] = fmt::format("{}", fit.ratings);
  return model;
}

}  // namespace

Model make_model(const Dataset& data, const Partition& split, FitResult fit, int threads) {
  return put_together(data, split, std::move(fit), take_from(data, split, threads));
}

std::optional<Model> make_shared_model(const Dataset& data, const Partition& split, FitResult fit) {
  OfRatings of = take_from(data, split, 1);
  if (!is_first(data.processes.get())) return std::nullopt;
  return put_together(data, split, std::move(fit), std::move(of));
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
