#include "models/content/content.hpp"

#include <utility>

#include <fmt/format.h>

#include <tusk/models.hpp>

#include "models/content/content_parameters.hpp"
#include "models/content/content_state.hpp"
#include "models/content/embeddings.hpp"
#include "train/bias_model.hpp"
#include "train/items_of_part.hpp"
#include "train/rating_moments.hpp"

namespace tusk {
namespace {

// The vectors of all items and what they were made by.
struct Features {
  FeatureSpace space;
  SparseMatrixOf vectors;
};

Features features_of(const Dataset& data, const ContentOptions& options) {
  if (!options.embeddings.empty()) {
    return {{}, read_embeddings(options.embeddings, data.items).vectors};
  }
  Features features;
  features.space =
      FeatureSpace::learn(data.catalogue, field_weights(options), word_options(options));
  features.vectors = features.space.vectors_of(data.catalogue);
  if (features.vectors.column.empty()) {
    throw InputError(
        "nothing is known of the items but their ratings: there are no titles, genres, years or "
        "tags beside them that a field with a weight would use, and no {embeddings} are given");
  }
  return features;
}

class Content : public Algorithm {
 public:
  const AlgorithmInfo& info() const override {
    static const AlgorithmInfo info = {std::string(ContentOptions::kModel),
                                       "what is known of items beside ratings: genres and words",
                                       {},
                                       {.compares_items = true,
                                        .uses_content = true,
                                        .order = "by how much items are like those that the user "
                                                 "rated above his mean"},
                                       content_parameters()};
    return info;
  }
  std::any defaults() const override { return ContentOptions(); }

  std::shared_ptr<const ModelState> load(const SafetensorsReader& reader, MfState base,
                                         const SeenItems& seen) const override {
    return load_content(reader, std::move(base), seen);
  }

  std::vector<FitResult> fit(const FitContext& context, const TrainOptions& options,
                             std::span<const LabelSet> train) const override {
    const auto& own = options.as<ContentOptions>();
    const Features features = features_of(context.data, own);
    std::vector<FitResult> results;
    for (const LabelSet& part : train) {
      FitResult& result = results.emplace_back();
      result.ratings = count_ratings(context.label, part);
      const float mean = mean_rating(context.data, context.label, part);
      result.state = std::make_shared<ContentState>(
          fit_bias(context.data, context.label, part, mean, own.bias),
          ratings_of_part(context.data, context.label, part), features.vectors, features.space,
          own);
      for (const Parameter& parameter : info().parameters) {
        result.metadata[parameter.key()] = to_string(options.get(parameter.name).value());
      }
    }
    return results;
  }
};

}  // namespace

const Algorithm& content_algorithm() {
  static const Content algorithm;
  return algorithm;
}

}  // namespace tusk
