#include "serving/catalogue_vectors.hpp"

#include <tusk/models.hpp>

#include "catalogue/item_features.hpp"
#include "models/content/content_parameters.hpp"

namespace tusk {

CatalogueVectors::CatalogueVectors(const Model& model)
    : of_model_(model.learned().content_vectors()) {
  if (of_model_.rows() > 0) return;
  const ContentOptions usual;
  of_catalogue_ = FeatureSpace::learn(model.catalogue, field_weights(usual), word_options(usual))
                      .vectors_of(model.catalogue);
  // Items that a model made by hand has no titles of.
  of_catalogue_.offset.resize(static_cast<std::size_t>(model.state().items) + 1,
                              of_catalogue_.offset.back());
}

}  // namespace tusk
