// The ratings of a model and those of data that joins it, under one set of ids.
#pragma once

#include <cstdint>
#include <vector>

#include <tusk/model.hpp>
#include <tusk/update.hpp>

namespace tusk {

struct MergedIds {
  IdMap ids;
  std::vector<Index> of_model;  // where each id of the model is now
  std::vector<Index> of_data;
};

MergedIds merge_ids(const IdMap& model, const IdMap& data);

// Users x items, under the merged ids.
struct MergedRatings {
  MergedIds users;
  MergedIds items;
  Catalogue catalogue;
  SparseMatrixOf old;    // the model's training ratings; with values of 0 if it does not keep them
  SparseMatrixOf fresh;  // those of the data that the model was not trained on
  SparseMatrixOf all;  // both; with values if the model keeps them, the data's where both have one
};

// Throws InputError as update_model() does.
MergedRatings merge_ratings(const Model& model, const Dataset& data, UpdateReport& report);

}  // namespace tusk
