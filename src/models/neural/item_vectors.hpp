// What a network is told of items beside their ratings.
#pragma once

#include <tusk/dataset.hpp>
#include <tusk/models.hpp>
#include <tusk/types.hpp>

namespace tusk {

// Vectors of length 1 or 0, items x columns; empty if no features are asked for. Throws
// InputError where nothing is known of any item, or as read_embeddings() does.
SparseMatrixOf item_vectors(const Dataset& data, const NeuralOptions& options);

// Without rows where there are no vectors.
inline CsrView view_of(const SparseMatrixOf& vectors) {
  return vectors.columns > 0 ? vectors.view() : CsrView();
}

}  // namespace tusk
