// What a content model has learned, and how a file holds it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <tusk/models.hpp>
#include <tusk/predictor.hpp>
#include <tusk/text_table.hpp>

#include "catalogue/item_features.hpp"

namespace tusk {

class SafetensorsReader;
class SafetensorsWriter;
struct SeenItems;

class ContentState : public ModelState {
 public:
  // `base` is the bias model. Vectors are of length 1 or 0, one an item; `space` has no columns
  // where they are embeddings.
  ContentState(MfState base, std::vector<float> ratings, SparseMatrixOf vectors, FeatureSpace space,
               const ContentOptions& options);

  const AlgorithmInfo& algorithm() const override;
  std::span<const float> ratings() const override { return ratings_; }
  CsrView vectors() const { return vectors_.view(); }
  CsrView content_vectors() const override { return vectors(); }
  const FeatureSpace& space() const { return space_; }
  // Whether vectors come from elsewhere: then they have a value in every column, or in none.
  bool has_embeddings() const { return space_.columns() == 0; }
  const ContentOptions& options() const { return options_; }

  void save(SafetensorsWriter& writer) const override;
  std::unique_ptr<const Predictor> open(Backend& backend, const Model& model) const override;

 private:
  std::vector<float> ratings_;
  SparseMatrixOf vectors_;
  FeatureSpace space_;
  ContentOptions options_;
  // The space as a file holds it.
  TextTable terms_;
  std::vector<float> idf_;
  std::vector<std::int64_t> field_columns_;  // of each field
  std::vector<Index> width_;                 // one number
};

// Throws FormatError.
std::shared_ptr<const ModelState> load_content(const SafetensorsReader& reader, MfState base,
                                               const SeenItems& seen);

}  // namespace tusk
