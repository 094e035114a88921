#include "models/content/content.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tusk/models.hpp>

#include "models/content/content_parameters.hpp"
#include "models/content/content_state.hpp"
#include "models/content/embeddings.hpp"
#include "models/metadata_options.hpp"
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

Features features_of(const Dataset& data, const ContentOptions& options, bool needs_content) {
  if (!options.embeddings.empty()) {
    return {{}, read_embeddings(options.embeddings, data.items).vectors};
  }
  Features features;
  features.space =
      FeatureSpace::learn(data.catalogue, field_weights(options), word_options(options));
  features.vectors = features.space.vectors_of(data.catalogue);
  if (needs_content && features.vectors.column.empty()) {
    throw InputError(
        fmt::format("the items have no titles, genres, years or tags in a field with a weight "
                    "above 0; give {} or {}",
                    option_name("titles"), option_name("embeddings")));
  }
  return features;
}

// The vectors of an earlier model; items that it has none of get one in its space. Embeddings are
// not read again: new items have none.
Features features_after(const EarlierModel& earlier, const Catalogue& catalogue) {
  const auto& state = static_cast<const ContentState&>(earlier.state);
  const CsrView known = state.vectors();
  SparseMatrixOf fresh;
  if (state.space().columns() > 0) fresh = state.space().vectors_of(catalogue);
  fresh.offset.resize(catalogue.title.size() + 1, 0);
  std::vector<Index> place(catalogue.title.size(), kNone);  // among the earlier items
  for (std::size_t i = 0; i < earlier.item.size(); ++i) {
    place[static_cast<std::size_t>(earlier.item[i])] = static_cast<Index>(i);
  }
  Features features{state.space(), {}};
  SparseMatrixOf& vectors = features.vectors;
  vectors.columns = known.columns;
  const auto append = [&](const CsrView& from, Index row) {
    const auto items = from.row(row);
    const auto first = from.value.begin() + from.offset[static_cast<std::size_t>(row)];
    vectors.column.insert(vectors.column.end(), items.begin(), items.end());
    vectors.value.insert(vectors.value.end(), first, first + std::ssize(items));
  };
  for (std::size_t item = 0; item < place.size(); ++item) {
    if (place[item] != kNone && !known.row(place[item]).empty()) {
      append(known, place[item]);
    } else {
      append(fresh.view(), static_cast<Index>(item));
    }
    vectors.offset.push_back(std::ssize(vectors.column));
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
                                                 "rated above their mean"},
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
    const Features features = context.earlier != nullptr
                                  ? features_after(*context.earlier, context.data.catalogue)
                                  : features_of(context.data, own, context.needs_content);
    std::vector<FitResult> results;
    for (const LabelSet& part : train) {
      FitResult& result = results.emplace_back();
      result.ratings = count_ratings(context.label, part);
      const float mean = mean_rating(context.data, context.label, part);
      result.state = std::make_shared<ContentState>(
          fit_bias(context.data, context.label, part, mean, own.bias),
          ratings_of_part(context.data, context.label, part), features.vectors, features.space,
          own);
      add_metadata(options, result.metadata);
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
