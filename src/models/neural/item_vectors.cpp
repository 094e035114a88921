#include "models/neural/item_vectors.hpp"

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "catalogue/item_features.hpp"
#include "models/content/content_parameters.hpp"
#include "models/content/embeddings.hpp"

namespace tusk {

SparseMatrixOf item_vectors(const Dataset& data, const NeuralOptions& options) {
  if (!options.embeddings.empty()) return read_embeddings(options.embeddings, data.items).vectors;
  if (options.item_features == ItemFeatures::none) return {};
  const ContentOptions content;
  FieldWeights weights{};
  if (options.item_features == ItemFeatures::genres) {
    weights[static_cast<std::size_t>(Field::genres)] = 1;
  } else {
    weights = field_weights(content);
  }
  SparseMatrixOf vectors = FeatureSpace::learn(data.catalogue, weights, word_options(content))
                               .vectors_of(data.catalogue);
  if (vectors.column.empty()) {
    throw InputError(fmt::format("nothing of what {} asks for is known of the items; give {}",
                                 option_name("item-features"), option_name("titles")));
  }
  return vectors;
}

}  // namespace tusk
