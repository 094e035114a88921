// What is known of items beside ratings, as vectors.
#pragma once

#include <tusk/model.hpp>
#include <tusk/text_features.hpp>

namespace tusk {

// The vectors by which a model's items are compared by content, of length 1 or 0, one an item: its
// own where it has them, which are borrowed; else those of its catalogue, as a content model has
// them by default.
class CatalogueVectors {
 public:
  explicit CatalogueVectors(const Model& model);

  CsrView view() const { return of_model_.rows() > 0 ? of_model_ : of_catalogue_.view(); }

 private:
  CsrView of_model_;
  SparseMatrixOf of_catalogue_;
};

}  // namespace tusk
